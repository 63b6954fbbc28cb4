namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Paths that may begin with <c>~</c>.</summary>
internal static class HomePath
{
    public static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify).TrimEnd('/');

    /// <summary>The path with <c>~</c> for the home directory filled in.</summary>
    public static string Expand(string path) =>
        path == "~" ? Home : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Join(Home, path[2..]) : path;
}
