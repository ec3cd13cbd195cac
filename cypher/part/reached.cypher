// purpose: What the edges of a filter lead to from the items of a user: the user's profile times the
//   edges. No row where the generation is no filter. engine/models/item_filter.py is the same in
//   NumPy.
// given: g: NODE, u: NODE or null, until: INTEGER or null: no event after it counts
// gives: a row for each edge: id: STRING of the item it leads to, part: FLOAT that it adds to its score
// params: none
// part: part/filter_profile
WITH share, mine[property + '_edges'] AS ids, mine[property + '_weights'] AS weights
UNWIND range(0, coalesce(size(ids), 0) - 1) AS n
WITH ids[n] AS id, share * weights[n] AS part
