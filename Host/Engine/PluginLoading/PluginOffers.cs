using TransformFramework.Diagnostics;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>
/// Gives each kernel, model format and backend to one plugin, as <see cref="PluginNames"/> does with transforms: the program's own goes before a plugin's of the same name, which is reported; of two
/// third-party ones neither counts, which is reported too.
/// </summary>
internal static class PluginOffers
{
    /// <summary>The plugins with the offers that count.</summary>
    public static IEnumerable<PluginDescription> Assign(IReadOnlyList<PluginDescription> plugins, List<Diagnostic> diagnostics)
    {
        var lost = new HashSet<Claim>();
        foreach (List<Claim> rivals in Claims(plugins).Values.Where(rivals => rivals.Count > 1))
        {
            bool isOurs = rivals.Exists(rival => rival.Plugin.IsFirstParty);
            Claim[] losers = [.. rivals.Where(rival => !rival.Plugin.IsFirstParty)];
            lost.UnionWith(losers);
            if (isOurs)
                diagnostics.AddRange(losers.Select(Hidden));
            else
                diagnostics.Add(Ambiguous(losers));
        }
        return plugins.Select(plugin => plugin.Offers.Any(offer => lost.Contains(new(plugin, offer))) ? Without(plugin, offer => lost.Contains(new(plugin, offer))) : plugin);
    }

    /// <summary>Who offers something, by its kind and name.</summary>
    private static Dictionary<string, List<Claim>> Claims(IEnumerable<PluginDescription> plugins)
    {
        var claims = new Dictionary<string, List<Claim>>(StringComparer.Ordinal);
        foreach (PluginDescription plugin in plugins.Where(plugin => plugin.IsAccepted))
        {
            foreach (OfferedType offer in plugin.Offers)
            {
                string key = $"{offer.Kind} {offer.Name}";
                if (!claims.TryGetValue(key, out List<Claim>? rivals))
                    claims.Add(key, rivals = []);
                rivals.Add(new(plugin, offer));
            }
        }
        return claims;
    }

    private static PluginDescription Without(PluginDescription plugin, Func<OfferedType, bool> isLost)
    {
        OfferedType[] kept = [.. plugin.Offers.Where(offer => !isLost(offer))];
        return plugin with { Offers = [.. kept], Formats = [.. plugin.Formats.Where(format => Array.Exists(kept, offer => offer.Kind == "format" && offer.Name == format.Name))] };
    }

    private static Diagnostic Hidden(Claim claim) =>
        EngineDiagnostics.HiddenOffer.With(claim.Offer.Kind, claim.Offer.Name, claim.Plugin.Name) with { Suggestion = "Give it a name of its own." };

    private static Diagnostic Ambiguous(Claim[] claims)
    {
        string owners = string.Join(" and ", claims.Select(claim => $"'{claim.Plugin.Name}'"));
        return EngineDiagnostics.AmbiguousOffer.With(claims[0].Offer.Kind, claims[0].Offer.Name, owners) with { Suggestion = "Leave one of these plugins out." };
    }

    private sealed record Claim(PluginDescription Plugin, OfferedType Offer);
}
