using System.Globalization;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>What to measure and how often; the models' files are kept where a folder is named.</summary>
internal sealed record NetworksOptions(bool AsJson, int Rounds, IReadOnlyList<string> Names, string? Folder)
{
    private const int DefaultRounds = 15;

    public static NetworksOptions Parse(IEnumerable<string> arguments)
    {
        var options = new NetworksOptions(false, DefaultRounds, [.. Network.All.Keys], Folder: null);
        foreach (string argument in arguments)
        {
            options = argument.Split('=', 2) switch
            {
                ["--json"] => options with { AsJson = true },
                ["--runs", var count] => options with { Rounds = int.Parse(count, CultureInfo.InvariantCulture) },
                ["--keep", var folder] => options with { Folder = folder },
                ["--only", var names] => options with { Names = names.Split(',') },
                _ => throw new ArgumentException($"unknown option '{argument}'; there are --json, --runs=N, --keep=FOLDER and --only=NAME,…", nameof(arguments)),
            };
        }
        string? unknown = options.Names.FirstOrDefault(name => !Network.All.ContainsKey(name));
        return unknown is null ? options : throw new ArgumentException($"unknown network '{unknown}'; there are {string.Join(", ", Network.All.Keys)}", nameof(arguments));
    }
}
