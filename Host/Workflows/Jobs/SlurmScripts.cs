using System.Collections.Immutable;
using System.Globalization;

namespace TransformFramework.Workflows.Jobs;

/// <summary>The scripts for Slurm's <c>sbatch</c>: an array for the shards, as often as shards wait for each other, and the merge behind it.</summary>
public static class SlurmScripts
{
    private const int NotYet = 75;

    /// <summary>Scripts by name, in the order in which they are submitted.</summary>
    /// <param name="plan">The work.</param>
    /// <param name="options">Further options of sbatch, such as <c>--partition=cpu</c>.</param>
    public static IEnumerable<SlurmScript> Of(JobPlan plan, ImmutableArray<string> options)
    {
        var pending = plan.Pending();
        for (int round = 1; round <= plan.Steps.Length && !pending.IsEmpty; round++)
        {
            bool isLast = round == plan.Steps.Length;
            string command = ShellWords.Join([plan.Program, .. plan.ShardWords($"auto/{plan.Shards}")]);
            yield return new(plan.Steps.Length == 1 ? "shards" : $"shards-{round}", Script(plan, options, [$"--array={Ranges(pending)}", $"--output={Path.Combine(plan.LogFolder, "%a.txt")}", "--open-mode=append"], isLast ? command : $"{command} || [ $? -eq {NotYet} ]"));
        }
        yield return new("merge", Script(plan, options, [$"--output={plan.ResultPath}", $"--error={Path.Combine(plan.LogFolder, "merge.txt")}", "--open-mode=truncate"], ShellWords.Join([plan.Program, .. plan.MergeWords])));
    }

    /// <summary>Indexes as an array takes them: <c>0-3,7</c>.</summary>
    public static string Ranges(IReadOnlyList<int> indexes)
    {
        var ranges = new List<string>();
        for (int i = 0; i < indexes.Count;)
        {
            int last = i;
            while (last + 1 < indexes.Count && indexes[last + 1] == indexes[last] + 1)
                last++;
            ranges.Add(last == i ? Text(indexes[i]) : $"{Text(indexes[i])}-{Text(indexes[last])}");
            i = last + 1;
        }
        return string.Join(',', ranges);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Script(JobPlan plan, ImmutableArray<string> options, IEnumerable<string> own, string command) => $"""
        #!/bin/sh
        #SBATCH --job-name=transform_graph-{plan.Command}
        #SBATCH --requeue
        #SBATCH --kill-on-invalid-dep=yes
        #SBATCH --chdir={Quoted(plan.WorkingDirectory)}
        {string.Join('\n', own.Select(option => $"#SBATCH {Quoted(option)}").Concat(options.Select(option => $"#SBATCH {Quoted(option)}")))}
        {command}

        """;

    /// <summary>An option as sbatch reads it from a script: with quotes where it has blanks.</summary>
    private static string Quoted(string option) => option.Any(char.IsWhiteSpace) ? $"\"{option}\"" : option;
}

/// <summary>A script for sbatch.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">Its text.</param>
public sealed record SlurmScript(string Name, string Text);
