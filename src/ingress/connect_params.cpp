#include "ingress/connect_params.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

namespace {

constexpr std::array<std::string_view, 17> client_ids{
    "webchat-ui", "openclaw-control-ui", "openclaw-browser-copilot", "openclaw-tui", "webchat",
    "cli", "gateway-client", "openclaw-macos", "openclaw-linux", "openclaw-ios",
    "openclaw-watchos", "openclaw-android", "node-host", "openclaw-worker", "test", "fingerprint",
    "openclaw-probe"};
constexpr std::array<std::string_view, 8> client_modes{"webchat", "cli",  "ui",    "backend",
                                                       "node",    "worker", "probe", "test"};

constexpr std::size_t max_flags = 64;

error bad(const std::string& problem) { return error(errc::invalid_input, problem); }

// Reads members of one object; the first problem sticks.
class reader {
public:
    reader(const json& object, std::string path) : object_(object), path_(std::move(path)) {}

    std::string text(const char* key) {
        const auto* value = find(object_, key);
        if (value == nullptr) return {};
        if (!value->is_string()) return fail(key, "must be string"), std::string();
        return value->get<std::string>();
    }
    std::string required(const char* key) {
        const auto* value = find(object_, key);
        if (value == nullptr || !value->is_string() || value->get_ref<const std::string&>().empty()) {
            return fail(key, "must be a non-empty string"), std::string();
        }
        return value->get<std::string>();
    }
    std::string one_of(const char* key, std::span<const std::string_view> known) {
        auto value = required(key);
        if (!problem && std::ranges::find(known, value) == known.end()) {
            fail(key, "must be equal to one of the allowed values");
        }
        return value;
    }
    std::int64_t number(const char* key, std::int64_t low) {
        const auto value = find_int(object_, key);
        if (!value || *value < low) return fail(key, "must be integer >= " + std::to_string(low)), 0;
        return *value;
    }
    std::vector<std::string> texts(const char* key) {
        const auto* list = find(object_, key);
        if (list == nullptr) return {};
        const bool strings = list->is_array() && std::ranges::all_of(*list, [](const json& v) {
            return v.is_string();
        });
        if (!strings) return fail(key, "must be an array of strings"), std::vector<std::string>();
        return list->get<std::vector<std::string>>();
    }

    std::map<std::string, bool> flags(const char* key) {
        std::map<std::string, bool> out;
        const auto* object = find(object_, key);
        if (object == nullptr) return out;
        const bool booleans = object->is_object() && object->size() <= max_flags &&
                              std::ranges::all_of(*object, [](const json& v) { return v.is_boolean(); });
        if (!booleans) return fail(key, "must be an object of at most 64 booleans"), out;
        for (const auto& [name, yes] : object->items()) out[name] = yes.get<bool>();
        return out;
    }

    std::optional<error> problem;

private:
    void fail(const char* key, const std::string& what) {
        if (!problem) problem = bad("at " + path_ + "/" + key + ": " + what);
    }

    const json& object_;
    const std::string path_;
};

result<void> read_client(const json& params, connect_params& out) {
    const auto* client = find(params, "client");
    if (client == nullptr || !client->is_object()) return bad("at /client: must be object");
    reader r(*client, "/client");
    out.client_id = r.one_of("id", client_ids);
    out.client_version = r.required("version");
    out.platform = r.required("platform");
    out.client_mode = r.one_of("mode", client_modes);
    out.device_family = r.text("deviceFamily");
    out.display_name = r.text("displayName");
    out.instance_id = r.text("instanceId");
    if (r.problem) return *r.problem;
    return {};
}

result<void> read_auth(const json& params, connect_params& out) {
    const auto* auth = find(params, "auth");
    if (auth == nullptr) return {};
    if (!auth->is_object()) return bad("at /auth: must be object");
    reader r(*auth, "/auth");
    out.token = r.text("token");
    out.password = r.text("password");
    out.device_token = r.text("deviceToken");
    out.bootstrap_token = r.text("bootstrapToken");
    // The first that is there, though it may be empty.
    for (const char* kind : {"token", "deviceToken", "bootstrapToken"}) {
        if (find(*auth, kind) == nullptr) continue;
        out.signed_token = r.text(kind);
        break;
    }
    if (r.problem) return *r.problem;
    return {};
}

result<void> read_device(const json& params, connect_params& out) {
    const auto* device = find(params, "device");
    if (device == nullptr) return {};
    if (!device->is_object()) return bad("at /device: must be object");
    reader r(*device, "/device");
    auth::device_proof proof;
    proof.id = r.required("id");
    proof.public_key = r.required("publicKey");
    proof.signature = r.required("signature");
    proof.signed_at_ms = r.number("signedAt", 0);
    proof.nonce = r.text("nonce");
    if (r.problem) return *r.problem;
    out.device = std::move(proof);
    return {};
}

}  // namespace

auth::signed_connect connect_params::signed_part() const {
    return {.client_id = client_id,
            .client_mode = client_mode,
            .role = role,
            .scopes = scopes,
            .token = signed_token,
            .platform = platform,
            .device_family = device_family};
}

result<connect_params> read_connect_params(const json& params) {
    if (!params.is_object()) return bad("at root: must be object");
    connect_params out;
    reader r(params, "");
    out.min_protocol = r.number("minProtocol", 1);
    out.max_protocol = r.number("maxProtocol", 1);
    if (r.problem) return *r.problem;
    if (auto read = read_client(params, out); !read) return read.error();
    if (find(params, "role") != nullptr) out.role = r.text("role");
    out.scopes = r.texts("scopes");
    out.caps = r.texts("caps");
    out.commands = r.texts("commands");
    out.permissions = r.flags("permissions");
    if (r.problem) return *r.problem;
    if (auto read = read_auth(params, out); !read) return read.error();
    if (auto read = read_device(params, out); !read) return read.error();
    return out;
}

}  // namespace openclaw::ingress
