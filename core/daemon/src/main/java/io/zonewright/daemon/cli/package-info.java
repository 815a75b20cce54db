/**
 * The command line.
 */
@NullMarked
package io.zonewright.daemon.cli;

import org.jspecify.annotations.NullMarked;
