/**
 * A guest's memory as a device sees it: a snapshot of regions and how to find addresses in it. Carriers map and unmap.
 */
@NullMarked
package io.zonewright.runtime.memory;

import org.jspecify.annotations.NullMarked;
