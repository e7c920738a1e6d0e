using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Octant;

/// <summary>
/// Formats of answers out of .NET's types. <see cref="ChatResponseFormat.ForJsonSchema{T}"/> writes the same schema for an <see cref="int"/>
/// and a <see cref="long"/>, an integer of any size, so that an answer may satisfy it and yet overflow the type: here every number is kept
/// within what its type can hold.
/// </summary>
public static class OctantResponseFormat
{
    static readonly AIJsonSchemaCreateOptions Bounded = new() { TransformSchemaNode = Bound };

    /// <summary>The format whose answers are always values of a type.</summary>
    /// <param name="options">how it is written and read; Microsoft.Extensions.AI's own by default</param>
    public static ChatResponseFormatJson ForJsonSchema<T>(JsonSerializerOptions? options = null) => ChatResponseFormat.ForJsonSchema(
        AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: options ?? AIJsonUtilities.DefaultOptions, inferenceOptions: Bounded));

    static JsonNode Bound(AIJsonSchemaCreateContext context, JsonNode schema)
    {
        var type = context.TypeInfo.Type;
        if (schema is JsonObject fields && RangeOf(Nullable.GetUnderlyingType(type) ?? type) is var (least, most))
        {
            // What an attribute such as [Range] says counts where it is narrower.
            if (!(Number(fields, "minimum") >= (double)least)) fields["minimum"] = JsonNode.Parse(least.ToString(CultureInfo.InvariantCulture));
            if (!(Number(fields, "maximum") <= (double)most)) fields["maximum"] = JsonNode.Parse(most.ToString(CultureInfo.InvariantCulture));
        }
        return schema;
    }

    static double? Number(JsonObject fields, string key) => fields[key] is JsonValue value && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : null;

    static (BigInteger Least, BigInteger Most)? RangeOf(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => null,
        _ when type == typeof(Int128) => (Int128.MinValue, Int128.MaxValue),
        _ when type == typeof(UInt128) => (UInt128.MinValue, UInt128.MaxValue),
        _ when type == typeof(Half) => (-65504, 65504),
        TypeCode.SByte => (sbyte.MinValue, sbyte.MaxValue),
        TypeCode.Byte => (byte.MinValue, byte.MaxValue),
        TypeCode.Int16 => (short.MinValue, short.MaxValue),
        TypeCode.UInt16 => (ushort.MinValue, ushort.MaxValue),
        TypeCode.Int32 => (int.MinValue, int.MaxValue),
        TypeCode.UInt32 => (uint.MinValue, uint.MaxValue),
        TypeCode.Int64 => (long.MinValue, long.MaxValue),
        TypeCode.UInt64 => (ulong.MinValue, ulong.MaxValue),
        TypeCode.Decimal => (new(decimal.MinValue), new(decimal.MaxValue)),
        _ => null,
    };
}
