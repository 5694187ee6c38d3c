/** What several kinds of tests share: clients, waiting with a deadline, running commands. */
@NullMarked
package dev.henge.chaos.support;

import org.jspecify.annotations.NullMarked;
