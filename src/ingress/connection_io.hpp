#pragma once

#include "ingress/transport.hpp"

#include <array>

namespace openclaw::ingress {

// How long a WebSocket's goodbye, and what is still coming from a client that was refused, is
// waited for.
inline constexpr milliseconds linger_time{2'000};

// Milliseconds of the steady clock, as connection_deadline counts them.
std::int64_t steady_ms();
// The listener's sweeper cancels what the connection waits for once `limit` has passed.
void due_in(connection& c, milliseconds limit);
void never_due(connection& c);

// Writes all pieces, of which some may be empty; tries without the event loop first, for most
// answers fit the socket. `network` when the client is gone or takes nothing for `limit`.
task<result<void>> send_all(connection& c, std::array<asio::const_buffer, 3> pieces, milliseconds limit);
task<result<void>> send_all(connection& c, std::string_view bytes, milliseconds limit);

// A client that is still sending would lose our answer to a reset: says that nothing more comes, and
// reads up to `limit` bytes of what does, for linger_time at most.
task<> linger(connection& c, std::size_t limit = 1 << 20);

// Frees what a string holds: assigning an empty one would keep its memory.
inline void give_back(std::string& text) { std::string().swap(text); }

// Whether a text that is UTF-8 so far stops in the middle of a character.
bool ends_inside_character(std::string_view text);

}  // namespace openclaw::ingress
