using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>JSON in the one form that is signed (RFC 8785): members sorted, no space, numbers and texts written in one way.</summary>
internal static class CanonicalJson
{
    /// <summary>Writes a value.</summary>
    /// <param name="json">The value.</param>
    /// <param name="without">A member of the outermost object that is left out; null for none.</param>
    /// <exception cref="FormatException">It has what has no such form.</exception>
    public static byte[] Write(JsonElement json, string? without = null)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        Write(json, output, without);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement json, ArrayBufferWriter<byte> output, string? without)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(json, output, without);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                foreach (var (i, item) in json.EnumerateArray().Index())
                {
                    if (i > 0)
                        output.Write(","u8);
                    Write(item, output, null);
                }
                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteText(Text(json.GetString), output);
                break;
            case JsonValueKind.Number:
                Append(Number(json), output);
                break;
            default:
                Append(json.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", JsonValueKind.Null => "null", _ => throw new FormatException("There is no value.") }, output);
                break;
        }
    }

    private static void WriteObject(JsonElement json, ArrayBufferWriter<byte> output, string? without)
    {
        var members = json.EnumerateObject().Select(static member => (Name: Text(() => member.Name), member.Value)).Where(member => member.Name != without).ToList();
        // By code units of UTF-16 (section 3.2.3), which is what ordinal means here.
        members.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        output.Write("{"u8);
        foreach (var (i, (name, value)) in members.Index())
        {
            if (i > 0 && members[i - 1].Name == name)
                throw new FormatException($"The member '{name}' comes twice.");
            if (i > 0)
                output.Write(","u8);
            WriteText(name, output);
            output.Write(":"u8);
            Write(value, output, null);
        }
        output.Write("}"u8);
    }

    private static string Text(Func<string?> read)
    {
        try
        {
            return read()!;
        }
        catch (InvalidOperationException error)
        {
            throw new FormatException("A text has half a character.", error);
        }
    }

    private static void WriteText(string text, ArrayBufferWriter<byte> output)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\b' => quoted.Append("\\b"),
                '\t' => quoted.Append("\\t"),
                '\n' => quoted.Append("\\n"),
                '\f' => quoted.Append("\\f"),
                '\r' => quoted.Append("\\r"),
                < ' ' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }
        Append(quoted.Append('"').ToString(), output);
    }

    /// <summary>A number as ECMAScript writes it (section 3.2.2.3): the fewest digits that mean the same double.</summary>
    private static string Number(JsonElement json)
    {
        var value = json.GetDouble();
        if (!double.IsFinite(value))
            throw new FormatException("A number is too large.");
        if (value == 0)
            return "0";
        var text = Math.Abs(value).ToString("E16", CultureInfo.InvariantCulture);
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var exponent = int.Parse(text.AsSpan(text.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = shortest.Split('E')[0];
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        // The shortest digits may round up to the next power of ten.
        if (shortest.Contains('E', StringComparison.Ordinal))
            exponent = int.Parse(shortest.AsSpan(shortest.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = exponent + 1;
        var sign = value < 0 ? "-" : "";
        if (point is > 0 and <= 21)
            return sign + (digits.Length <= point ? digits.PadRight(point, '0') : $"{digits[..point]}.{digits[point..]}");
        if (point is > -6 and <= 0)
            return $"{sign}0.{new string('0', -point)}{digits}";
        var power = exponent < 0 ? exponent.ToString(CultureInfo.InvariantCulture) : "+" + exponent.ToString(CultureInfo.InvariantCulture);
        return $"{sign}{digits[..1]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{power}";
    }

    private static void Append(string text, ArrayBufferWriter<byte> output) => Encoding.UTF8.GetBytes(text, output);
}
