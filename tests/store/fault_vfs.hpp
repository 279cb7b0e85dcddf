#pragma once

#include <sqlite3.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <mutex>

namespace openclaw::test {

// The system's file system under another name, with a disk that fills up, loses a sync, or holds
// one back until it is told to go on. One for the process: tests set it and set it back.
class fault_vfs {
public:
    static constexpr const char* name = "openclaw-fault";

    static fault_vfs& get() {
        static fault_vfs instance;
        return instance;
    }

    std::atomic<int> write_error{SQLITE_OK};
    std::atomic<int> sync_error{SQLITE_OK};
    std::atomic<int> syncs{0};
    // Called before each write and sync; set while no store is open.
    std::function<void()> before_write;

    void reset() {
        write_error = SQLITE_OK;
        sync_error = SQLITE_OK;
        syncs = 0;
        before_write = nullptr;
        release();
    }
    // The next sync waits for release().
    void hold() {
        std::lock_guard lock(mutex_);
        holding_ = true;
    }
    void release() {
        std::lock_guard lock(mutex_);
        holding_ = false;
        changed_.notify_all();
    }
    void wait_until_held() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return held_ > 0; });
    }

private:
    struct file {
        sqlite3_file base;
        sqlite3_file* real;
    };

    fault_vfs() {
        real_ = sqlite3_vfs_find(nullptr);
        vfs_ = *real_;
        vfs_.zName = name;
        vfs_.szOsFile = static_cast<int>(sizeof(file)) + real_->szOsFile;
        vfs_.xOpen = &open;
        sqlite3_vfs_register(&vfs_, 0);
    }

    static sqlite3_file* real(sqlite3_file* f) { return reinterpret_cast<file*>(f)->real; }
    static const sqlite3_io_methods* of(sqlite3_file* f) { return real(f)->pMethods; }

    int sync(sqlite3_file* f, int flags) {
        {
            std::unique_lock lock(mutex_);
            if (holding_) {
                ++held_;
                changed_.notify_all();
                changed_.wait(lock, [this] { return !holding_; });
                --held_;
            }
        }
        ++syncs;
        if (before_write) before_write();
        const int code = sync_error;
        return code != SQLITE_OK ? code : of(f)->xSync(real(f), flags);
    }

    static int open(sqlite3_vfs*, const char* path, sqlite3_file* f, int flags, int* out) {
        auto* mine = reinterpret_cast<file*>(f);
        mine->real = reinterpret_cast<sqlite3_file*>(mine + 1);
        const int code = get().real_->xOpen(get().real_, path, mine->real, flags, out);
        mine->base.pMethods = code == SQLITE_OK ? methods() : nullptr;
        return code;
    }

    static const sqlite3_io_methods* methods() {
        static const sqlite3_io_methods table = [] {
            sqlite3_io_methods m{};
            m.iVersion = 2;  // shared memory, no memory mapping
            m.xClose = [](sqlite3_file* f) { return of(f)->xClose(real(f)); };
            m.xRead = [](sqlite3_file* f, void* p, int n, sqlite3_int64 at) {
                return of(f)->xRead(real(f), p, n, at);
            };
            m.xWrite = [](sqlite3_file* f, const void* p, int n, sqlite3_int64 at) {
                if (get().before_write) get().before_write();
                const int code = get().write_error;
                return code != SQLITE_OK ? code : of(f)->xWrite(real(f), p, n, at);
            };
            m.xTruncate = [](sqlite3_file* f, sqlite3_int64 n) {
                return of(f)->xTruncate(real(f), n);
            };
            m.xSync = [](sqlite3_file* f, int flags) { return get().sync(f, flags); };
            m.xFileSize = [](sqlite3_file* f, sqlite3_int64* n) {
                return of(f)->xFileSize(real(f), n);
            };
            m.xLock = [](sqlite3_file* f, int l) { return of(f)->xLock(real(f), l); };
            m.xUnlock = [](sqlite3_file* f, int l) { return of(f)->xUnlock(real(f), l); };
            m.xCheckReservedLock = [](sqlite3_file* f, int* r) {
                return of(f)->xCheckReservedLock(real(f), r);
            };
            m.xFileControl = [](sqlite3_file* f, int op, void* p) {
                return of(f)->xFileControl(real(f), op, p);
            };
            m.xSectorSize = [](sqlite3_file* f) { return of(f)->xSectorSize(real(f)); };
            m.xDeviceCharacteristics = [](sqlite3_file* f) {
                return of(f)->xDeviceCharacteristics(real(f));
            };
            m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** p) {
                return of(f)->xShmMap(real(f), page, size, extend, p);
            };
            m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
                return of(f)->xShmLock(real(f), offset, n, flags);
            };
            m.xShmBarrier = [](sqlite3_file* f) { of(f)->xShmBarrier(real(f)); };
            m.xShmUnmap = [](sqlite3_file* f, int drop) { return of(f)->xShmUnmap(real(f), drop); };
            return m;
        }();
        return &table;
    }

    sqlite3_vfs* real_ = nullptr;
    sqlite3_vfs vfs_{};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool holding_ = false;
    int held_ = 0;
};

}  // namespace openclaw::test
