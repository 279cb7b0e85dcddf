// Runs a fuzz target over its kept corpus and over seeded mutations of it, so that the test suite
// has a share of the fuzzer's work without clang. The same corpus gives the same runs; only the
// bound on time, for slow builds, may cut the mutations short.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int mutations_per_input = 3000;
constexpr std::size_t max_input = 1 << 16;  // bytes
constexpr auto time_for_mutations = std::chrono::seconds(1);

using bytes = std::string;

std::vector<bytes> read_corpus(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<bytes> inputs;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return inputs;
}

// Small changes of the kinds that decoders trip over.
class mutator {
public:
    explicit mutator(const std::vector<bytes>& corpus) : corpus_(corpus) {}

    bytes mutate(bytes input) {
        const auto changes = 1 + below(4);
        for (std::size_t i = 0; i < changes; ++i) change(input);
        if (input.size() > max_input) input.resize(max_input);
        return input;
    }

private:
    std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
    char any_byte() {
        static constexpr char telling[] = "\0\xff\x80\x7f\r\n\t \"'\\{}[]:,%/+-.0;=&?#";
        if (below(2) == 0) return telling[below(sizeof telling - 1)];
        return static_cast<char>(random_() & 0xff);
    }

    void change(bytes& input) {
        const auto at = below(input.size() + 1);
        const auto length = 1 + below(16);
        switch (below(7)) {
        case 0:
            if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
            break;
        case 1:
            if (at < input.size()) input[at] = any_byte();
            break;
        case 2: input.insert(at, 1, any_byte()); break;
        case 3: input.erase(at, length); break;
        case 4: input.resize(at); break;
        case 5: input.insert(below(input.size() + 1), bytes(input, at, length)); break;
        default: {  // the start of this one, the end of another one
            const auto& other = corpus_[below(corpus_.size())];
            input = input.substr(0, at) + other.substr(below(other.size() + 1));
        }
        }
    }

    const std::vector<bytes>& corpus_;
    std::mt19937 random_{1};
};

void run(const bytes& input) {
    // A buffer of its own size: a sanitizer sees a read behind the end.
    const std::vector<std::uint8_t> exact(input.begin(), input.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

long replay(const std::vector<bytes>& corpus) {
    long runs = 0;
    for (const auto& input : corpus) {
        run(input);
        ++runs;
    }
    mutator change(corpus);
    const auto end = std::chrono::steady_clock::now() + time_for_mutations;
    for (int round = 0; round < mutations_per_input; ++round) {
        for (const auto& input : corpus) {
            const auto changed = change.mutate(input);
            try {
                run(changed);
            } catch (const std::exception& e) {
                std::ofstream("crash-input", std::ios::binary) << changed;
                std::fprintf(stderr, "threw %s; the input is in ./crash-input\n", e.what());
                throw;
            }
            ++runs;
        }
        if (std::chrono::steady_clock::now() > end) break;
    }
    return runs;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    const auto corpus = read_corpus(argv[1]);
    if (corpus.empty()) {
        std::fprintf(stderr, "the corpus %s is empty: a fuzz target without seeds finds nothing\n", argv[1]);
        return 1;
    }
    std::printf("%zu inputs of the corpus, %ld runs\n", corpus.size(), replay(corpus));
    return 0;
}
