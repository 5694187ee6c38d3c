/** AWS's own clients against an embedded cluster, over real HTTP. */
@NullMarked
package dev.henge.chaos.sdk;

import org.jspecify.annotations.NullMarked;
