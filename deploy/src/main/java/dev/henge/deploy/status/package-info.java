/** How a cluster stands: what its nodes say, the verdict drawn from it, and its renderings. */
@NullMarked
package dev.henge.deploy.status;

import org.jspecify.annotations.NullMarked;
