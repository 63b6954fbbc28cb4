using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows remote files and what came of transfers: as the command line's contract lays it down, and for people.</summary>
internal static class SftpDocument
{
    public static void Write(Utf8JsonWriter writer, SftpTransferResult result, string path)
    {
        writer.WriteNumber("bytes", result.Bytes);
        writer.WriteString("sha256", result.Sha256);
        writer.WriteNumber("resumedFrom", result.ResumedFrom);
        writer.WriteMs("elapsedMs", result.Elapsed);
        writer.WriteString("path", path);
    }

    public static void Write(Utf8JsonWriter writer, SftpTreeResult result, string path)
    {
        writer.WriteNumber("files", result.Files);
        writer.WriteNumber("bytes", result.Bytes);
        writer.WriteNumber("unchanged", result.Unchanged);
        writer.WriteNumber("deleted", result.Deleted);
        writer.WriteNumber("skipped", result.Skipped);
        writer.WriteMs("elapsedMs", result.Elapsed);
        writer.WriteString("path", path);
    }

    public static void WriteList(Utf8JsonWriter writer, string path, IReadOnlyList<SftpEntry> entries)
    {
        writer.WriteString("path", path);
        writer.WriteStartArray("entries");
        foreach (var entry in entries)
        {
            writer.WriteStartObject();
            writer.WriteString("name", entry.Name);
            WriteAttributes(writer, entry.Attributes);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    public static void WriteEntry(Utf8JsonWriter writer, string path, SftpAttributes attributes)
    {
        writer.WriteString("path", path);
        WriteAttributes(writer, attributes);
    }

    public static void WriteText(TextOutput output, SftpTransferResult result, string path)
    {
        output.Write(path, Style.Bold).Write($": {SizeText.Of(result.Bytes)} in {Milliseconds.Text(result.Elapsed)}");
        output.Line(result.ResumedFrom > 0 ? $", {SizeText.Of(result.ResumedFrom)} of them from an earlier run" : "");
        if (result.Sha256 is { } hash)
            output.Line($"  sha256 {hash}, the same on both sides", Style.Dim);
        output.Flush();
    }

    public static void WriteText(TextOutput output, SftpTreeResult result, string path)
    {
        output.Write(path, Style.Bold).Write(string.Create(CultureInfo.InvariantCulture, $": {result.Files} files, {SizeText.Of(result.Bytes)} in {Milliseconds.Text(result.Elapsed)}"));
        foreach (var (count, what) in ((int, string)[])[(result.Unchanged, "the same already"), (result.Deleted, "deleted"), (result.Skipped, "left out")])
        {
            if (count > 0)
                output.Write(string.Create(CultureInfo.InvariantCulture, $", {count} {what}"));
        }
        output.Line().Flush();
    }

    public static void WriteText(TextOutput output, IReadOnlyList<SftpEntry> entries)
    {
        var table = new Table();
        foreach (var entry in entries)
        {
            var (name, style) = entry.Kind switch
            {
                SftpFileKind.Directory => (entry.Name + "/", Style.Cyan),
                SftpFileKind.SymbolicLink => (entry.Name + "@", Style.Plain),
                _ => (entry.Name, Style.Plain),
            };
            var size = entry.Kind == SftpFileKind.Directory ? "-" : entry.Attributes.Size is { } bytes ? SizeText.Of(bytes) : "?";
            table.Row((Mode(entry.Attributes) ?? "?", Style.Dim), (size, Style.Plain), (Time(entry.Attributes.Modified) ?? "?", Style.Dim), (name, style));
        }
        table.WriteTo(output);
        output.Flush();
    }

    private static void WriteAttributes(Utf8JsonWriter writer, SftpAttributes attributes)
    {
        writer.WriteString("kind", attributes.Kind switch
        {
            SftpFileKind.File => "file",
            SftpFileKind.Directory => "directory",
            SftpFileKind.SymbolicLink => "link",
            SftpFileKind.Special => "special",
            _ => "unknown",
        });
        WriteNumber(writer, "size", attributes.Size);
        writer.WriteString("mode", Mode(attributes));
        WriteNumber(writer, "uid", attributes.UserId);
        WriteNumber(writer, "gid", attributes.GroupId);
        writer.WriteString("modified", Time(attributes.Modified));
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    private static string? Mode(SftpAttributes attributes) =>
        attributes.Permissions is { } permissions ? Convert.ToString((int)permissions, 8).PadLeft(4, '0') : null;

    private static string? Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
