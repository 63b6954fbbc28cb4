namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Finds programs of this machine.</summary>
internal static class ProgramPath
{
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
        .Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
