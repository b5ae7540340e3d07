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
        HashSet<(PluginDescription, OfferedType)> lost = [];
        var claims = plugins.Where(plugin => plugin.IsAccepted)
            .SelectMany(plugin => plugin.Offers.Select(offer => (Plugin: plugin, Offer: offer)))
            .GroupBy(claim => (claim.Offer.Kind, claim.Offer.Name));
        foreach (var rivals in claims.Select(group => group.ToArray()).Where(group => group.Length > 1))
        {
            bool isOurs = Array.Exists(rivals, rival => rival.Plugin.IsFirstParty);
            var losers = rivals.Where(rival => !rival.Plugin.IsFirstParty).ToArray();
            lost.UnionWith(losers);
            if (isOurs)
                diagnostics.AddRange(losers.Select(Hidden));
            else
                diagnostics.Add(Ambiguous(losers));
        }
        return plugins.Select(plugin => plugin.Offers.Any(offer => lost.Contains((plugin, offer))) ? Without(plugin, offer => lost.Contains((plugin, offer))) : plugin);
    }

    private static PluginDescription Without(PluginDescription plugin, Func<OfferedType, bool> isLost)
    {
        OfferedType[] kept = [.. plugin.Offers.Where(offer => !isLost(offer))];
        return plugin with { Offers = [.. kept], Formats = [.. plugin.Formats.Where(format => Array.Exists(kept, offer => offer.Kind == "format" && offer.Name == format.Name))] };
    }

    private static Diagnostic Hidden((PluginDescription Plugin, OfferedType Offer) claim) =>
        EngineDiagnostics.HiddenOffer.With(claim.Offer.Kind, claim.Offer.Name, claim.Plugin.Name) with { Suggestion = "Give it a name of its own." };

    private static Diagnostic Ambiguous((PluginDescription Plugin, OfferedType Offer)[] claims)
    {
        string owners = string.Join(" and ", claims.Select(claim => $"'{claim.Plugin.Name}'"));
        return EngineDiagnostics.AmbiguousOffer.With(claims[0].Offer.Kind, claims[0].Offer.Name, owners) with { Suggestion = "Leave one of these plugins out." };
    }
}
