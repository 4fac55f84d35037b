#include "libs/base/text.h"

#include <gtest/gtest.h>

namespace platen::base {
namespace {

TEST(EscapeHtmlTest, LeavesNothingThatAMailClientWouldRun) {
  EXPECT_EQ(EscapeHtml("<script>a && \"b\" 'c'</script>"),
            "&lt;script&gt;a &amp;&amp; &quot;b&quot; &#39;c&#39;&lt;/script&gt;");
}

TEST(ToUtf8Test, KeepsCharactersAndReplacesWhatIsNone) {
  EXPECT_EQ(ToUtf8("Grüße, 打印机 😀"), "Grüße, 打印机 😀");
  EXPECT_EQ(ToUtf8("a\xC3(b"), "a\uFFFD(b");
  EXPECT_EQ(ToUtf8("cut \xE6\x89"), "cut \uFFFD\uFFFD");
  EXPECT_EQ(ToUtf8("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(ToUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
  EXPECT_EQ(ToUtf8(""), "");
}

}  // namespace
}  // namespace platen::base
