/** Configuration space of a PCI function (PCI Local Bus 3.0, chapter 6; PCI Express Base 4.0, chapter 7). Little-endian. */
@NullMarked
package io.zonewright.vfiouser.config;

import org.jspecify.annotations.NullMarked;
