/**
 * The catalog: tables, the partition map and the nodes, kept by the system partition.
 *
 * <p>{@link dev.henge.node.catalog.CatalogState} is the pure part: a command either is refused or leads to the next state.
 * The system partition's leader checks a command against the state behind all commands in flight before it appends it, so
 * what is in the log always applies.
 */
@NullMarked
package dev.henge.node.catalog;

import org.jspecify.annotations.NullMarked;
