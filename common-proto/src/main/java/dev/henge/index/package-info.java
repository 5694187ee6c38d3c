/**
 * What a secondary index makes of an item: pure functions of a definition and an item. A local index shares its table's
 * partition key and so its tokens; a global one has a partition key of its own (docs/decisions/0010).
 */
@NullMarked
package dev.henge.index;

import org.jspecify.annotations.NullMarked;
