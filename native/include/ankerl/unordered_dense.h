// Stand-in for the header of the same name, which Debian 12 does not package: the few names that the worker uses,
// over abseil's hash tables.
//
// What differs: abseil's `erase(iterator)` returns nothing, the worker wants the next iterator. Neither table keeps
// references stable while it grows, and neither promises an order, so the worker relies on neither.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/hash/hash.h>
#include <cstdint>

namespace ankerl::unordered_dense
{
	template<typename T>
	struct hash
	{
		uint64_t operator()(const T& value) const
		{
			return absl::Hash<T>{}(value);
		}
	};

	template<typename Table>
	class with_erase : public Table
	{
	public:
		using Table::Table;
		using iterator       = typename Table::iterator;
		using const_iterator = typename Table::const_iterator;

		iterator erase(iterator position)
		{
			Table::erase(position++);

			return position;
		}

		iterator erase(const_iterator position)
		{
			auto next = position;

			Table::erase(next++);

			// An empty range erases nothing and turns the constant iterator into one that is not.
			return Table::erase(next, next);
		}

		// Templated, so that an iterator always prefers the overloads above.
		template<typename Key>
		size_t erase(const Key& key)
		{
			return Table::erase(key);
		}
	};

	template<typename Key, typename Value, typename Hash = absl::container_internal::hash_default_hash<Key>>
	using map = with_erase<absl::flat_hash_map<Key, Value, Hash>>;

	template<typename Key, typename Hash = absl::container_internal::hash_default_hash<Key>>
	using set = with_erase<absl::flat_hash_set<Key, Hash>>;
} // namespace ankerl::unordered_dense
