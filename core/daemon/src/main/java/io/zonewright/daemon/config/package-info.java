/**
 * From YAML text to checked settings; every problem of a file is found in one run and named with file, line, column, key and fix.
 */
@NullMarked
package io.zonewright.daemon.config;

import org.jspecify.annotations.NullMarked;
