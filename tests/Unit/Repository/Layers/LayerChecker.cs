using Mono.Cecil;

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers;

/// <summary>Compares compiled code with <see cref="LayerTable"/>.</summary>
internal static class LayerChecker
{
    /// <summary>Every breach, one line each.</summary>
    /// <param name="assemblyPath">The compiled assembly.</param>
    /// <param name="root">The namespace whose sub-namespaces are the layers; types outside it are left alone.</param>
    public static IReadOnlyList<string> Breaches(string assemblyPath, string root)
    {
        using var module = ModuleDefinition.ReadModule(assemblyPath);
        var breaches = from type in module.Types
                       where Belongs(type, root)
                       let layer = LayerOf(type, root)
                       from breach in layer is null ? [$"{type.FullName} is in a folder without a rule; add it to LayerTable."] : Breaches(type, layer, root)
                       select breach;
        return [.. breaches.Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Every place outside of an engine's folder that names it, one line each.</summary>
    public static IReadOnlyList<string> EngineBreaches(string assemblyPath)
    {
        using var module = ModuleDefinition.ReadModule(assemblyPath);
        var breaches = from type in module.Types
                       from reference in ReferenceScanner.Scan(type)
                       from engine in LayerTable.Engines
                       where Belongs(Outermost(reference.Type), engine.Key) && !engine.Value.Any(home => Belongs(type, home))
                       select $"{type.FullName} may not name {reference.Type.FullName}: {reference.Member}";
        return [.. breaches.Distinct().Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Breaches(TypeDefinition type, string layer, string root) =>
        from reference in ReferenceScanner.Scan(type)
        let target = Outermost(reference.Type)
        where !IsAllowed(type, layer, target, root)
        select $"{Show(layer)} may not name {target.FullName}: {reference.Member}";

    private static bool IsAllowed(TypeDefinition from, string layer, TypeReference to, string root)
    {
        if (!Belongs(to, root))
            return !IsForbidden(layer, to) && !IsForbidden(Folder(from, root), to);
        return SameFolder(from, to, layer, root) || (LayerOf(to, root) is { } target && LayerTable.MayImport[layer].Contains(target));
    }

    // A pure parser may use its own folder; a client may use its own parsers.
    private static bool SameFolder(TypeReference from, TypeReference to, string layer, string root) =>
        layer == LayerTable.Protocol
            ? from.Namespace == to.Namespace || (from.Namespace == $"{to.Namespace}.{LayerTable.Protocol}" && IsValue(to))
            : Folder(from, root) == Folder(to, root);

    // What a parser reads may be a public record or enum of the folder above: the vocabulary of both.
    private static bool IsValue(TypeReference type) =>
        type.Resolve() is { } definition && (definition.IsEnum || definition.Methods.Any(method => method.Name == "<Clone>$"));

    private static bool IsForbidden(string layer, TypeReference type) =>
        LayerTable.Never.TryGetValue(layer, out var names) && !LayerTable.Harmless.Contains(type.FullName) &&
        names.Any(name => type.FullName == name || (type.Namespace + ".").StartsWith(name + ".", StringComparison.Ordinal));

    private static string? LayerOf(TypeReference type, string root)
    {
        var layer = type.Namespace.EndsWith("." + LayerTable.Protocol, StringComparison.Ordinal) ? LayerTable.Protocol : Folder(type, root);
        return LayerTable.MayImport.ContainsKey(layer) ? layer : null;
    }

    private static string Folder(TypeReference type, string root) =>
        type.Namespace.Length <= root.Length ? LayerTable.Root : type.Namespace[(root.Length + 1)..].Split('.')[0];

    private static bool Belongs(TypeReference type, string root) => (type.Namespace + ".").StartsWith(root + ".", StringComparison.Ordinal);

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is not null)
            type = type.DeclaringType;
        return type;
    }

    private static string Show(string layer) => layer == LayerTable.Root ? "the root vocabulary" : layer;
}
