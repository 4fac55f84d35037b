// platen-notifier: tells people and systems of alarms.
#include "libs/service/main.h"

#include "libs/service/common_config.h"
#include "services/notifier/notifier.h"
#include "services/notifier/notifier_config.h"

int main(int argc, char** argv) {
  using Config = platen::config::v1::Notifier;
  return platen::service::RunService<Config>(
      argc,
      argv,
      {.name = "platen-notifier",
       .description = "Tells people and systems of alarms, by e-mail, webhook and chat.",
       .defaults = platen::notifier::DefaultConfig(),
       .validate = platen::notifier::ValidateConfig,
       .common = platen::service::ToCommonOptions<Config>,
       .run = platen::notifier::RunNotifier,
       .reloadable = {
           "receivers", "rules", "rules_file", "contact_receiver", "acknowledge_links"}});
}
