using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Octant;

/// <summary>What System.Text.Json reads as a value of .NET's types: the ranges of numbers, and the forms of texts as patterns of JSON Schema.</summary>
static class TypeTexts
{
    const string Fraction = @"(?:\.\d{1,7})?";
    const string Clock = @"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d" + Fraction;
    const string Label = "[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?";

    /// <summary>Names of the web, of up to 8 parts, without those that stand for other letters.</summary>
    const string Host = Label + @"(?:\." + Label + "){0,7}";
    const string PathCharacter = "(?:[0-9A-Za-z._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";

    /// <summary>The least and the greatest of a number's type; null for those that hold all numbers of JSON, and for what is no number.</summary>
    public static (BigInteger Least, BigInteger Most)? RangeOf(Type type) => Type.GetTypeCode(type) switch
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

    /// <summary>The texts of a type that is written as one; null for others, and for those whose schema says all.</summary>
    public static string? PatternOf(Type type) =>
        // Offsets of up to 14 hours; in the first year and the last they could lead out of all time.
        type == typeof(DateTime) || type == typeof(DateTimeOffset) ? $@"^(?!0001|9999)[^T]*T{Clock}(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$"
        : type == typeof(TimeOnly) ? $"^{Clock}$"
        : type == typeof(TimeSpan) ? $@"^-?(?:(?:{UpTo(10_675_198)})\.)?{Clock}$"
        : type == typeof(Version) ? $@"^(?:{UpTo(int.MaxValue)})(?:\.(?:{UpTo(int.MaxValue)})){{1,3}}$"
        : type == typeof(char) ? @"^[\u0000-\uD7FF\uE000-\uFFFF]$"
        // The bits that no byte needs are 0.
        : type == typeof(byte[]) || type == typeof(Memory<byte>) || type == typeof(ReadOnlyMemory<byte>)
            ? "^(?:[0-9A-Za-z+/]{4})*(?:[0-9A-Za-z+/][AQgw]==|[0-9A-Za-z+/]{2}[AEIMQUYcgkosw048]=)?$"
        // Only those of flags are not listed by their schemas.
        : type.IsEnum ? $"^(?:{NamesOf(type)})(?:, (?:{NamesOf(type)}))*$"
        : type == typeof(Uri) ? $@"^(?:(?:https?|ftp|wss?)://{Host}(?::\d{{1,4}})?(?:/{PathCharacter}*)*(?:\?(?:{PathCharacter}|[/?])*)?(?:#(?:{PathCharacter}|[/?])*)?|mailto:[0-9A-Za-z._-]+@{Host})$"
        : null;

    /// <summary>The keys of dictionaries that are no texts by themselves; null for those that are, and for what is not known.</summary>
    public static string? PatternOfKey(Type type) =>
        type == typeof(bool) ? "^(?:true|false)$"
        : type == typeof(Guid) ? "^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
        : type == typeof(DateOnly) ? @"^(?:000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])$"
        : type == typeof(DateTime) || type == typeof(DateTimeOffset) ? $@"^(?:000[2-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d{{3}})-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T{Clock}Z$"
        : type == typeof(Half) || type == typeof(float) || type == typeof(double) || type == typeof(decimal) ? @"^-?(?:0|[1-9]\d{0,3})(?:\.\d{1,8})?$"
        : RangeOf(type) is var (least, most) ? $"^(?:{UpTo(most)}{(least < 0 ? $"|-(?:{UpTo(-least)})" : "")})$"
        : PatternOf(type);

    static string NamesOf(Type type) => string.Join('|', Enum.GetNames(type).Select(name =>
        Regex.Escape(type.GetField(name)?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? name).Replace("\\ ", " ", StringComparison.Ordinal).Replace("\\#", "#", StringComparison.Ordinal)));

    /// <summary>The whole numbers from 0 up to one: shorter ones, and those that are less from some digit on.</summary>
    static string UpTo(BigInteger most)
    {
        var digits = most.ToString(CultureInfo.InvariantCulture);
        if (digits.Length == 1) return $"[0-{digits}]";
        var ways = new List<string> { "0", Some("[1-9]", 0, digits.Length - 2) };
        for (var i = 0; i < digits.Length; i++)
        {
            var least = i == 0 ? '1' : '0';
            if (digits[i] > least) ways.Add(digits[..i] + Some($"[{least}-{(char)(digits[i] - 1)}]", digits.Length - 1 - i, digits.Length - 1 - i));
        }
        return string.Join('|', [.. ways, digits]);

        static string Some(string first, int least, int more) => more == 0 ? first : $@"{first}\d{{{least},{more}}}";
    }
}
