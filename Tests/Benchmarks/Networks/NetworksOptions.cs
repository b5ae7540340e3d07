using System.Globalization;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>What to measure and how often; the models' files are kept where a folder is named.</summary>
internal sealed record NetworksOptions(bool AsJson, int Rounds, IReadOnlyList<string> Names, string? Folder)
{
    private const int DefaultRounds = 15;

    /// <summary>Options as they are written; else what is wrong with them.</summary>
    public static bool TryParse(IEnumerable<string> arguments, out NetworksOptions options, out string error)
    {
        options = new NetworksOptions(false, DefaultRounds, [.. Network.All.Keys], Folder: null);
        error = "";
        foreach (string argument in arguments)
        {
            switch (argument.Split('=', 2))
            {
                case ["--json"]:
                    options = options with { AsJson = true };
                    break;
                case ["--runs", var text] when int.TryParse(text, CultureInfo.InvariantCulture, out int count) && count > 0:
                    options = options with { Rounds = count };
                    break;
                case ["--keep", { Length: > 0 } folder]:
                    options = options with { Folder = folder };
                    break;
                case ["--only", var names]:
                    options = options with { Names = names.Split(',') };
                    break;
                default:
                    error = $"'{argument}' is no option; there are --json, --runs=N, --keep=FOLDER and --only=NAME,…";
                    return false;
            }
        }
        if (options.Names.FirstOrDefault(name => !Network.All.ContainsKey(name)) is { } unknown)
            error = $"there is no network '{unknown}'; there are {string.Join(", ", Network.All.Keys)}";
        return error.Length == 0;
    }
}
