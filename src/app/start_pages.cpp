#include "app/start_pages.hpp"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <span>

namespace openclaw::app {

namespace {

// Code that the loader has written to: its pages are no longer those of the file.
bool has_text_relocations(const dl_phdr_info& object, const ElfW(Phdr)& dynamic) {
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + dynamic.p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
        if (entry->d_tag == DT_TEXTREL) return true;
        if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
    }
    return false;
}

int release_object(dl_phdr_info* object, std::size_t, void*) {
    const std::span parts(object->dlpi_phdr, object->dlpi_phnum);
    const auto patched = [&](const auto& p) {
        return p.p_type == PT_DYNAMIC && has_text_relocations(*object, p);
    };
    if (std::any_of(parts.begin(), parts.end(), patched)) return 0;
    const auto page = static_cast<ElfW(Addr)>(sysconf(_SC_PAGESIZE));
    for (const auto& part : parts) {
        if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
        const auto begin = (object->dlpi_addr + part.p_vaddr) & ~(page - 1);
        const auto end = object->dlpi_addr + part.p_vaddr + part.p_memsz;
        // A refusal leaves the pages where they are.
        madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void release_start_pages() { dl_iterate_phdr(release_object, nullptr); }

}  // namespace openclaw::app
