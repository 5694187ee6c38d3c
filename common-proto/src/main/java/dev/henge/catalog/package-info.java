/**
 * The rules by which a table of the catalog changes. Pure: the system partition's leader judges a command by them, and
 * every replica comes to the same table. And the cluster's version, which says what the catalog and the logs may hold by now.
 */
@NullMarked
package dev.henge.catalog;

import org.jspecify.annotations.NullMarked;
