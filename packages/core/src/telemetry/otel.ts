/** A field's name in OpenTelemetry: its own where a convention has one, else in our namespace. */
export function otelName(field: string): string {
  return /^(?:gen_ai|error|http|user|session|service|telemetry)\./.test(field)
    ? field
    : `rungs.${field}`
}
