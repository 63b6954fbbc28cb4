using System.Reflection;
using System.Xml.Linq;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>The assemblies that users get: every project of <c>src/</c> that is packed.</summary>
internal static class Libraries
{
    /// <summary>Their names, from the project files.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. RepositoryFiles.Under("src", ".csproj")
            .Where(path => XDocument.Parse(RepositoryFiles.Read(path)).Descendants("IsPackable").All(element => element.Value == "true"))
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Loads one; the unit tests' project must reference it.</summary>
    public static Assembly Load(string name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (FileNotFoundException error)
        {
            throw new InvalidOperationException($"tests/Unit must reference {name}, so that its rules are checked.", error);
        }
    }

    /// <summary>All of them, for a theory.</summary>
    public static TheoryData<string> All => [.. Names];
}
