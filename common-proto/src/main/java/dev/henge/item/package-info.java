/**
 * The item model: attribute values, numbers, their sizes, the binary form and the order-preserving key encoding. Pure.
 *
 * <ul>
 *   <li>{@link dev.henge.item.AttributeValue} is the tree; {@link dev.henge.item.ItemCodec} turns it to and from bytes.
 *   <li>{@link dev.henge.item.ItemWriter} and {@link dev.henge.item.ItemReader} write and walk the bytes without a tree.
 *   <li>{@link dev.henge.item.DynamoNumber} is kept, stored and ordered in one canonical encoding, so that comparing,
 *       printing and sizing a number need no arithmetic.
 *   <li>{@link dev.henge.item.KeyEncoding} and {@link dev.henge.item.ItemKeys} make keys whose byte order is DynamoDB's.
 * </ul>
 *
 * <p>Bytes from outside are never trusted: whatever is malformed ends in a {@link dev.henge.item.CorruptItemException},
 * with no read out of bounds, no allocation larger than the input, and bounded recursion. Tested by properties: round
 * trips, order, sizes from tree and bytes, and any damage to the bytes.
 */
@NullMarked
package dev.henge.item;

import org.jspecify.annotations.NullMarked;
