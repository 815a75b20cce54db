/**
 * Opening a device: what is at a path, what the kernel says about it, who holds it, and what to tell a user who cannot
 * have it.
 */
@NullMarked
package io.zonewright.backend.linuxzbd.open;

import org.jspecify.annotations.NullMarked;
