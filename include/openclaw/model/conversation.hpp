#pragma once

#include "openclaw/model/chat_message.hpp"

#include <cstddef>
#include <iterator>
#include <span>
#include <vector>

namespace openclaw {

// Rows that lie in two places and follow each other: what a session remembers, and what a turn adds.
// A view: both places outlive it and stay where they are.
class conversation {
public:
    class iterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = chat_message;
        using difference_type = std::ptrdiff_t;
        using pointer = const chat_message*;
        using reference = const chat_message&;

        iterator() = default;
        iterator(pointer at, pointer first_end, pointer second)
            : at_(at), first_end_(first_end), second_(second) {}
        reference operator*() const { return *at_; }
        pointer operator->() const { return at_; }
        iterator& operator++() {
            if (++at_ == first_end_) at_ = second_;
            return *this;
        }
        iterator operator++(int) {
            auto old = *this;
            ++*this;
            return old;
        }
        bool operator==(const iterator& other) const { return at_ == other.at_; }

    private:
        pointer at_ = nullptr, first_end_ = nullptr, second_ = nullptr;
    };

    conversation() = default;
    conversation(const std::vector<chat_message>& rows) : second_(rows) {}
    conversation(std::span<const chat_message> first, std::span<const chat_message> second)
        : first_(first), second_(second) {}

    bool empty() const { return size() == 0; }
    std::size_t size() const { return first_.size() + second_.size(); }
    const chat_message& back() const { return second_.empty() ? first_.back() : second_.back(); }
    iterator begin() const {
        const auto* second = second_.data();
        if (first_.empty()) return {second, nullptr, second};
        return {first_.data(), first_.data() + first_.size(), second};
    }
    iterator end() const {
        const auto* after = second_.data() + second_.size();
        return {after, nullptr, after};
    }

private:
    std::span<const chat_message> first_, second_;
};

}  // namespace openclaw
