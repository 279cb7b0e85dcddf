#pragma once

#include "ingress/methods.hpp"

namespace openclaw::ingress {

// Calls the method's handler. A call of one that is audited leaves a record, however it ends: who
// called, of which device or of which settings, and what became of it; never a value or a secret.
task<result<json>> run_method(const method& m, method_call call);

// Puts a record into the audit trail, when the configuration wants those of its kind.
void keep_record(const gateway_context& gateway, store::audit_record record);
// A device that was let in because it is on the gateway's own machine.
void record_pairing(const gateway_context& gateway, const auth::device& paired);

}  // namespace openclaw::ingress
