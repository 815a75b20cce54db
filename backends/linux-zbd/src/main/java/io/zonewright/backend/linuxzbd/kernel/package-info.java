/**
 * The kernel's words for block devices: ioctl numbers, structures, and the calls that use them. Sizes here are bytes
 * unless a name says sectors, which are always 512 bytes.
 */
@NullMarked
package io.zonewright.backend.linuxzbd.kernel;

import org.jspecify.annotations.NullMarked;
