/** The item model: attribute values, numbers, sizes, the binary form and the order-preserving key encoding. */
@NullMarked
package dev.henge.item;

import org.jspecify.annotations.NullMarked;
