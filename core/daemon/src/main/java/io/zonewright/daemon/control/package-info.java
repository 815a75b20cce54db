/**
 * The control socket: how the command line asks a running daemon.
 */
@NullMarked
package io.zonewright.daemon.control;

import org.jspecify.annotations.NullMarked;
