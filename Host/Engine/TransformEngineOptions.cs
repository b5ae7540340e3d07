namespace TransformFramework.Engine;

/// <summary>Choices of an engine. Plain properties, so that configuration can bind them; the engine's constructor checks them, all mistakes together.</summary>
public sealed class TransformEngineOptions
{
    /// <summary>Plugins beside the first-party ones: paths of DLLs or folders.</summary>
    public IList<string> PluginPaths { get; } = [];

    /// <summary>The folder that holds <c>plugins/NAME/NAME.dll</c> of the first-party plugins; the program's own folder when empty.</summary>
    public string ProgramFolder { get; set; } = "";

    /// <summary>Looks into the user's plugin folder too. A library must not depend on a home folder, so it is off.</summary>
    public bool UseUserPlugins { get; set; }

    /// <summary>What is wrong with the options, a sentence each; empty when all is well.</summary>
    public IReadOnlyList<string> Mistakes()
    {
        var mistakes = new List<string>();
        foreach (string path in PluginPaths)
        {
            if (string.IsNullOrWhiteSpace(path))
                mistakes.Add($"{nameof(PluginPaths)} has an empty path.");
            else if (!File.Exists(path) && !Directory.Exists(path))
                mistakes.Add($"{nameof(PluginPaths)}: there is no file or folder '{path}'.");
        }
        if (ProgramFolder.Length > 0 && !Directory.Exists(ProgramFolder))
            mistakes.Add($"{nameof(ProgramFolder)}: there is no folder '{ProgramFolder}'.");
        return mistakes;
    }
}
