#include "cli/service_files.hpp"

#include <sstream>

namespace openclaw::cli {

namespace {

constexpr std::string_view system_head =
    R"(# The openclaw gateway as a service of the machine. `openclaw gateway install-daemon --system`
# writes the same text with its own paths; changes of yours belong into a drop-in: systemctl edit openclaw
[Unit]
Description=openclaw gateway
Wants=network-online.target
After=network-online.target
)";

constexpr std::string_view user_head =
    R"(# The openclaw gateway as a service of a user, by `openclaw gateway install-daemon --user`. Changes
# of yours belong into a drop-in: systemctl --user edit openclaw
[Unit]
Description=openclaw gateway
)";

constexpr std::string_view limits =
    R"(# Then it stays down until somebody looks. More than five: a message that kills the gateway each time
# is put aside after its fifth death.
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
Type=notify
NotifyAccess=main
)";

constexpr std::string_view running =
    R"(ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=30
Restart=on-failure
RestartSec=2
# The configuration, the port or the state folder: starting again would not help.
RestartPreventExitStatus=78
TimeoutStartSec=60
# Turns in progress have 30 s to end.
TimeoutStopSec=50
KillMode=mixed
UMask=0077
)";

// What needs root, or would keep a user's agents from the user's files.
constexpr std::string_view system_rules =
    R"(LimitNOFILE=524288
# No secret stands here: keys of model services go into this file (NAME=value, mode 0600).
EnvironmentFile=-/etc/openclaw/environment

# The gateway writes its first configuration, and the changes that clients make.
ExecStartPre=+/usr/bin/install -d -m 0750 -o openclaw -g openclaw /etc/openclaw
ReadWritePaths=-/etc/openclaw
User=openclaw
Group=openclaw
StateDirectory=openclaw
StateDirectoryMode=0700
WorkingDirectory=/var/lib/openclaw
Environment=OPENCLAW_HOME=/var/lib/openclaw
CapabilityBoundingSet=
AmbientCapabilities=
DevicePolicy=closed
PrivateDevices=yes
PrivateMounts=yes
PrivateTmp=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes

LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
)";

constexpr std::string_view user_rules =
    R"(LockPersonality=yes
NoNewPrivileges=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
)";

bool is_plain(std::string_view word) {
    for (const char c : word) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && std::string_view("/._-+:@,=").find(c) == std::string_view::npos) return false;
    }
    return !word.empty();
}

// systemd.service(5), "Command lines": specifiers and variables too. An assignment knows no variables.
std::string quoted(std::string_view word, bool variables) {
    if (is_plain(word)) return std::string(word);
    std::string out = "\"";
    for (const char c : word) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '%' || (c == '$' && variables)) out += c;
        if (c == '\n') out += "\\n";
        else out += c;
    }
    return out + '"';
}

std::string command_line(const service_paths& p) {
    std::string line;
    for (const auto& word : {p.program, std::string("--config"), p.config, std::string("--state-dir"),
                             p.state_dir, std::string("gateway"), std::string("run")}) {
        line += (line.empty() ? "" : " ") + quoted(word, true);
    }
    return line;
}

std::string xml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        default: out += c;
        }
    }
    return out;
}

}  // namespace

std::string systemd_service(service_scope scope, const service_paths& p) {
    const bool system = scope == service_scope::system;
    std::string text(system ? system_head : user_head);
    text += limits;
    text += "ExecStart=" + command_line(p) + "\n";
    text += running;
    if (!system && !p.home.empty()) text += "Environment=" + quoted("OPENCLAW_HOME=" + p.home, false) + "\n";
    return text + std::string(system ? system_rules : user_rules);
}

std::string systemd_socket(const std::string& address) {
    return R"(# The port of the openclaw gateway, kept open by systemd. It decides where the gateway listens;
# after a change of gateway.network: openclaw gateway install-daemon --socket
[Unit]
Description=port of the openclaw gateway

[Socket]
ListenStream=)" + address + R"(
Backlog=4096

[Install]
WantedBy=sockets.target
)";
}

std::string systemd_sysusers() {
    return R"(# The user of packaging/systemd/openclaw.service, for /usr/lib/sysusers.d/openclaw.conf.
u openclaw - "openclaw gateway" /var/lib/openclaw
)";
}

std::string launchd_plist(const service_paths& p) {
    std::string text = R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>Label</key><string>ai.openclaw.gateway</string>
    <key>ProgramArguments</key>
    <array>
)";
    for (const auto& word : {p.program, std::string("--config"), p.config, std::string("--state-dir"),
                             p.state_dir, std::string("gateway"), std::string("run")}) {
        text += "        <string>" + xml(word) + "</string>\n";
    }
    text += "    </array>\n";
    if (!p.home.empty()) {
        text += "    <key>EnvironmentVariables</key>\n    <dict>\n        <key>OPENCLAW_HOME</key><string>" +
                xml(p.home) + "</string>\n    </dict>\n";
    }
    return text + R"(    <key>RunAtLoad</key><true/>
    <key>KeepAlive</key>
    <dict>
        <key>SuccessfulExit</key><false/>
    </dict>
    <key>ThrottleInterval</key><integer>10</integer>
    <key>ExitTimeOut</key><integer>50</integer>
    <key>ProcessType</key><string>Interactive</string>
    <key>Umask</key><integer>63</integer>
</dict>
</plist>
)";
}

namespace {

// One word of a command line from `at` on; what systemd doubles or escapes is single again.
std::string next_word(std::string_view line, std::size_t& at) {
    std::string word;
    const bool quote = line[at] == '"';
    for (at += quote ? 1 : 0; at < line.size(); ++at) {
        const char c = line[at];
        const char next = at + 1 < line.size() ? line[at + 1] : '\0';
        if (quote ? c == '"' : c == ' ') break;
        if (c == '\\' && next != '\0') {
            word += next == 'n' ? '\n' : next;
            ++at;
            continue;
        }
        word += c;
        if ((c == '%' || c == '$') && next == c) ++at;
    }
    if (at < line.size() && line[at] == '"') ++at;
    return word;
}

}  // namespace

std::vector<std::string> exec_start(std::string_view unit) {
    constexpr std::string_view key = "ExecStart=";
    std::vector<std::string> words;
    std::istringstream lines{std::string(unit)};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(key)) continue;
        words.clear();
        for (std::size_t at = key.size(); at < line.size();) {
            if (line[at] == ' ') ++at;
            else words.push_back(next_word(line, at));
        }
    }
    return words;
}

std::string word_after(const std::vector<std::string>& words, std::string_view flag) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == flag) return words[i + 1];
    }
    return {};
}

}  // namespace openclaw::cli
