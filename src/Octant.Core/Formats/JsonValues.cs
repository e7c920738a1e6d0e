using System.Text.Json.Nodes;

namespace Octant.Formats;

/// <summary>Values out of JSON that strangers wrote: null where there is none, or one of another kind.</summary>
static class JsonValues
{
    public static string? Text(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static int? Number(this JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    public static bool? Flag(this JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;
}
