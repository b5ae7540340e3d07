using TransformFramework.Diagnostics;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>Gives every transform name to one plugin: against a first-party name the first-party plugin wins, two third-party plugins with one name are both refused it.</summary>
internal static class PluginNames
{
    public static Dictionary<string, TransformDescription> Assign(IEnumerable<PluginDescription> plugins, List<Diagnostic> diagnostics)
    {
        var names = new Dictionary<string, TransformDescription>(StringComparer.Ordinal);
        foreach (var (name, claims) in Claims(plugins))
        {
            Claim? first = claims.Find(claim => claim.Plugin.IsFirstParty);
            if (first is not null || claims.Count == 1)
                names[name] = (first ?? claims[0]).Transform;
            else
                diagnostics.Add(Ambiguous(name, claims));
            foreach (Claim hidden in claims.Where(claim => first is not null && !claim.Plugin.IsFirstParty))
                diagnostics.Add(EngineDiagnostics.HiddenTransform.With(name, hidden.Plugin.Name) with { Suggestion = $"Write {hidden.Plugin.Name}::{name} to call it." });
        }
        return names;
    }

    private static Dictionary<string, List<Claim>> Claims(IEnumerable<PluginDescription> plugins)
    {
        var claims = new Dictionary<string, List<Claim>>(StringComparer.Ordinal);
        foreach (PluginDescription plugin in plugins.Where(plugin => plugin.IsAccepted))
        {
            foreach (TransformDescription transform in plugin.Transforms)
            {
                foreach (string name in transform.Aliases.Prepend(transform.Name))
                {
                    if (!claims.TryGetValue(name, out var list))
                        claims[name] = list = [];
                    list.Add(new(plugin, transform));
                }
            }
        }
        return claims;
    }

    private static Diagnostic Ambiguous(string name, List<Claim> claims)
    {
        string owners = string.Join(" and ", claims.Select(claim => $"'{claim.Plugin.Name}'"));
        return EngineDiagnostics.AmbiguousTransform.With(name, owners) with { Suggestion = $"Write {claims[0].Plugin.Name}::{name} to pick one." };
    }

    private sealed record Claim(PluginDescription Plugin, TransformDescription Transform);
}
