/**
 * The zoned model at work: zone state machine, zone table, open and active resources, admission and completion of
 * requests. No I/O and no threads of its own.
 */
@NullMarked
package io.zonewright.engine;

import org.jspecify.annotations.NullMarked;
