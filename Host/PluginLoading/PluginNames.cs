using TransformFramework.Diagnostics;
using TransformFramework.Host.Pipeline;

namespace TransformFramework.Host.PluginLoading;

/// <summary>Gives every transform name to one plugin: against a first-party name the first-party plugin wins, two third-party plugins with one name are both refused it.</summary>
internal static class PluginNames
{
    public static Dictionary<string, TransformDescription> Assign(IEnumerable<PluginDescription> plugins, List<Diagnostic> diagnostics)
    {
        var names = new Dictionary<string, TransformDescription>(StringComparer.Ordinal);
        var claims = from plugin in plugins
                     where plugin.IsAccepted
                     from transform in plugin.Transforms
                     from name in transform.Aliases.Prepend(transform.Name)
                     group (plugin, transform) by name;
        foreach (var claim in claims)
        {
            var first = claim.Where(entry => entry.plugin.IsFirstParty).ToList();
            var others = claim.Where(entry => !entry.plugin.IsFirstParty).ToList();
            if (first.Count > 0)
            {
                names[claim.Key] = first[0].transform;
                foreach (var (plugin, _) in others)
                    diagnostics.Add(Diagnostic.Warning("TFX3020", $"transform '{claim.Key}' of plugin '{plugin.Name}' is hidden by this program's own") with { Suggestion = $"Write {plugin.Name}::{claim.Key} to call it." });
            }
            else if (others.Count == 1)
            {
                names[claim.Key] = others[0].transform;
            }
            else
            {
                string owners = string.Join(" and ", others.Select(entry => $"'{entry.plugin.Name}'"));
                diagnostics.Add(Diagnostic.Error("TFX3021", $"transform '{claim.Key}' is offered by {owners}") with { Suggestion = $"Write {others[0].plugin.Name}::{claim.Key} to pick one." });
            }
        }
        return names;
    }
}
