/** The medium {@code linux-zbd}: a zoned or ordinary block device of this Linux host, or a file as an ordinary disk. */
@NullMarked
package io.zonewright.backend.linuxzbd;

import org.jspecify.annotations.NullMarked;
