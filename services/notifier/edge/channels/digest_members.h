// For channels whose receivers know incidents one by one, and no digests.
#pragma once

#include <vector>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

// What a digest stands for, each as a notification of its own, in order; of an incident that is
// over at its end only the end. Anything but a digest is given back alone.
std::vector<v1::Notification> WithoutDigest(const v1::Notification& notification);

}  // namespace platen::notifier::edge
