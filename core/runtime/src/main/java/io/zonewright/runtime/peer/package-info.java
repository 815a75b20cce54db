/**
 * What the carriers at Unix sockets share: a control thread that serves one peer at a time, and how to take over what a
 * peer sends along without trusting it.
 */
@NullMarked
package io.zonewright.runtime.peer;

import org.jspecify.annotations.NullMarked;
