#include "services/collector/core/ordinary_words.h"

#include <algorithm>
#include <iterator>

namespace platen::collector::core {
namespace {

// Ordered.
// clang-format off
constexpr std::string_view kWords[] = {
    "a3", "a4", "a5", "a6", "access", "active", "adf", "adjust", "administrator", "alert", "all",
    "and", "auto", "available", "average", "b4", "b5", "bin", "black", "blocked", "booklet",
    "both", "bottom", "box", "brightness", "busy", "bypass", "byte", "bytes", "calibration",
    "cancel", "capacity", "card", "cartridge", "cassette", "change", "check", "clean",
    "cleaning", "clear", "close", "closed", "code", "cold", "collate", "collect", "color",
    "colors", "colour", "colours", "complete", "config", "configuration", "connected",
    "connection", "contact", "control", "copier", "copies", "copy", "count", "counter",
    "counters", "cover", "current", "custom", "cyan", "cycle", "darkness", "data", "date",
    "default", "density", "detected", "developer", "device", "devices", "dhcp", "disabled",
    "disk", "document", "documents", "done", "door", "double", "drum", "duplex", "duplexer",
    "dynamic", "economode", "email", "empty", "enable", "enabled", "end", "energy", "engine",
    "enter", "envelope", "error", "errors", "ethernet", "executive", "exit", "external", "face",
    "fail", "failed", "failure", "fan", "fax", "feed", "feeder", "feet", "few", "finisher",
    "firmware", "flash", "folder", "font", "fonts", "for", "friday", "front", "full", "fuser",
    "general", "good", "gray", "green", "group", "hard", "hardware", "head", "heat", "high",
    "hold", "hole", "home", "host", "hour", "hours", "idle", "image", "images", "imaging",
    "impressions", "inch", "inches", "info", "ink", "input", "inserter", "install", "installed",
    "interface", "internal", "invalid", "ipp", "iso", "jam", "jams", "jet", "job", "jobs", "kit",
    "label", "labels", "landscape", "language", "laser", "last", "ledger", "left", "legal",
    "length", "letter", "level", "life", "light", "line", "link", "list", "loaded", "local",
    "location", "lock", "long", "low", "lower", "lpd", "machine", "magenta", "mailbox", "main",
    "maintenance", "manual", "marker", "max", "maximum", "media", "medium", "memory", "menu",
    "message", "meter", "middle", "min", "minimum", "mode", "model", "module", "monday", "mono",
    "monochrome", "motor", "multi", "name", "near", "needed", "network", "new", "next", "nic",
    "none", "normal", "not", "number", "off", "offline", "one", "online", "only", "open",
    "option", "order", "other", "out", "output", "over", "page", "pages", "panel", "paper",
    "part", "parts", "password", "pcl", "pct", "pdf", "percent", "perform", "photo",
    "photoconductor", "pick", "plain", "please", "port", "portrait", "postscript", "power",
    "press", "print", "printed", "printer", "printers", "printing", "process", "processing",
    "product", "protocol", "queue", "quick", "raster", "rate", "read", "ready", "rear",
    "receive", "received", "red", "refill", "remaining", "remote", "remove", "repeat", "replace",
    "report", "reset", "resolution", "restart", "retry", "right", "roll", "roller", "saturday",
    "save", "saver", "scan", "scanned", "scanner", "scans", "sensor", "serial", "server",
    "service", "set", "setting", "settings", "setup", "sheet", "sheets", "short", "side",
    "simplex", "single", "size", "sleep", "slot", "small", "sort", "speed", "stack", "stacker",
    "standard", "standby", "staple", "stapler", "staples", "start", "state", "status", "stop",
    "storage", "stored", "street", "sunday", "supplies", "supply", "support", "system",
    "tabloid", "tank", "tcp", "temperature", "test", "text", "the", "thick", "thin", "thursday",
    "time", "timeout", "toner", "top", "total", "tray", "trays", "tuesday", "two", "type", "udp",
    "unit", "unknown", "unused", "upper", "usb", "use", "used", "user", "users", "value",
    "version", "very", "waiting", "warm", "warming", "warning", "waste", "watts", "web",
    "wednesday", "weight", "white", "width", "wireless", "with", "wlan", "yellow", "yes", "zone",
};
// clang-format on

}  // namespace

bool IsOrdinaryWord(std::string_view word) {
  return std::binary_search(std::begin(kWords), std::end(kWords), word);
}

}  // namespace platen::collector::core
