#pragma once

namespace openclaw {

// How far clients may use up the descriptors of the process. The rest is for the turns of those that are
// here, which need one to ask a model, and for files. The kernel gives the lowest number that is free, so
// the next number says how many are in use.
struct descriptor_marks {
    int clients = 0;   // who comes from afar is accepted below this number
    int mine = 0;      // the command line, over the Unix socket
};

// For so many descriptors that the process may have, of which the next one is `next`.
descriptor_marks mark_descriptors(int limit, int next);

// The marks of this process, and whether it is below them. Who accepts clients asks it, and who would keep
// connections for later. Any thread.
class descriptor_room {
public:
    // Made at the start: what is open now is not a client's.
    descriptor_room();
    bool has_place(bool mine) const;
    // Whether this one is of those that clients leave: to be closed when it is not needed, for it is missed.
    bool is_kept_back(int fd) const { return fd >= marks_.clients; }
    int limit() const { return limit_; }

private:
    int limit_;
    descriptor_marks marks_;
};

}  // namespace openclaw
