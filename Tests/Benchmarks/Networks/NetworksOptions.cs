using System.Globalization;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>What to measure and how often; the models' files are kept where a folder is named.</summary>
/// <param name="Format">text, markdown or json.</param>
/// <param name="Rounds">Rounds of all engines.</param>
/// <param name="Names">Networks.</param>
/// <param name="Kinds">Kinds of them; none for all.</param>
/// <param name="Folder">Where the models' files stay; null for nowhere.</param>
/// <param name="UsesCpuTime">True to measure time on processors, of one thread only.</param>
internal sealed record NetworksOptions(string Format, int Rounds, IReadOnlyList<string> Names, IReadOnlyList<string> Kinds, string? Folder, bool UsesCpuTime)
{
    private const int DefaultRounds = 15;

    /// <summary>Options as they are written; else what is wrong with them.</summary>
    public static bool TryParse(IEnumerable<string> arguments, out NetworksOptions options, out string error)
    {
        options = new NetworksOptions("text", DefaultRounds, [.. Network.Available], [], Folder: null, UsesCpuTime: false);
        error = "";
        foreach (string argument in arguments)
        {
            switch (argument.Split('=', 2))
            {
                case ["--json"]:
                    options = options with { Format = "json" };
                    break;
                case ["--format", "text" or "markdown" or "json"] format:
                    options = options with { Format = format[1] };
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
                case ["--kinds", var kinds]:
                    options = options with { Kinds = kinds.Split(',') };
                    break;
                case ["--clock", "cpu" or "wall"] clock:
                    options = options with { UsesCpuTime = clock[1] == "cpu" };
                    break;
                default:
                    error = $"'{argument}' is no option; there are --format=text|markdown|json, --runs=N, --keep=FOLDER, --only=NETWORK,…, --kinds=KIND,… and --clock=wall|cpu";
                    return false;
            }
        }
        if (options.Names.FirstOrDefault(name => !Network.All.ContainsKey(name)) is { } unknown)
            error = $"there is no network '{unknown}'; there are {string.Join(", ", Network.All.Keys)}";
        return error.Length == 0;
    }
}
