using System.CommandLine;
using System.Text;

namespace TransformFramework.Cli.Rendering;

/// <summary>The words that follow a command.</summary>
/// <param name="Command">The command; empty for the root.</param>
/// <param name="Description">What it does.</param>
/// <param name="Options">Its options with their descriptions; an option with a value ends in <c>=</c>.</param>
internal sealed record CompletionWords(string Command, string Description, IReadOnlyList<(string Name, string Description)> Options)
{
    /// <summary>The words of every command, the root's first.</summary>
    public static IEnumerable<CompletionWords> Of(Command root)
    {
        Option[] everywhere = [.. root.Options.Where(option => option.Recursive)];
        yield return new("", root.Description ?? "", OptionsOf(root.Options));
        foreach (Command command in root.Subcommands.Where(command => !command.Hidden))
        {
            foreach (string name in command.Aliases.Prepend(command.Name))
                yield return new(name, command.Description ?? "", OptionsOf(command.Options.Concat(everywhere)));
        }
    }

    private static (string, string)[] OptionsOf(IEnumerable<Option> options) =>
        [.. options.Where(option => !option.Hidden).Select(option => (option.Name + (option.Arity.MinimumNumberOfValues > 0 ? "=" : ""), option.Description ?? ""))];
}

/// <summary>Scripts by which shells complete the program's command line. Values are paths, which the shell completes itself.</summary>
internal static class CompletionScript
{
    private const string Program = "transform_graph";

    /// <summary>For bash: put it into <c>/etc/bash_completion.d</c>, or source it.</summary>
    public static string Bash(IReadOnlyList<CompletionWords> commands)
    {
        var script = new StringBuilder($"_{Program}() {{\n    local current=${{COMP_WORDS[COMP_CWORD]}} word command= words=\n    COMPREPLY=()\n    for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do [[ $word != -* ]] && {{ command=$word; break; }}; done\n    case $command in\n");
        foreach (CompletionWords words in commands.Skip(1))
            script.Append($"        {words.Command}) words='{Joined(words)}' ;;\n");
        script.Append($"        *) words='{Joined(commands[0])} {string.Join(' ', commands.Skip(1).Select(words => words.Command))}' ;;\n    esac\n");
        script.Append($"    if [[ $current != *=* ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$current\")); fi\n    [[ ${{COMPREPLY[0]-}} == *= ]] && compopt -o nospace 2>/dev/null\n    return 0\n}}\ncomplete -o default -F _{Program} {Program}\n");
        return script.ToString();
    }

    /// <summary>For zsh: put it as <c>_transform_graph</c> into a folder of <c>fpath</c>.</summary>
    public static string Zsh(IReadOnlyList<CompletionWords> commands)
    {
        var script = new StringBuilder($"#compdef {Program}\n_{Program}() {{\n    local word command=\n    local -a options names\n    for word in ${{words[2,CURRENT-1]}}; do [[ $word != -* ]] && {{ command=$word; break; }}; done\n    case $command in\n");
        foreach (CompletionWords words in commands.Skip(1))
            script.Append($"        {words.Command}) options=({Described(words)}) ;;\n");
        script.Append($"        *) options=({Described(commands[0])}); names=({string.Join(' ', commands.Skip(1).Select(words => Quoted($"{words.Command}:{words.Description}")))}) ;;\n    esac\n");
        script.Append($"    if [[ $PREFIX == *=* ]]; then compset -P '*='; _files; return; fi\n    _describe command names\n    _describe -o option options -S ''\n    _files\n}}\ncompdef _{Program} {Program}\n");
        return script.ToString();
    }

    /// <summary>For fish: put it as <c>transform_graph.fish</c> into <c>~/.config/fish/completions</c>.</summary>
    public static string Fish(IReadOnlyList<CompletionWords> commands)
    {
        var script = new StringBuilder();
        foreach (CompletionWords words in commands.Skip(1))
            script.Append($"complete -c {Program} -n __fish_use_subcommand -a {words.Command} -d {Quoted(words.Description)}\n");
        foreach (CompletionWords words in commands)
        {
            string condition = words.Command.Length == 0 ? "__fish_use_subcommand" : $"'__fish_seen_subcommand_from {words.Command}'";
            foreach (var (name, description) in words.Options)
                script.Append($"complete -c {Program} -n {condition} -l {name[2..].TrimEnd('=')}{(name.EndsWith('=') ? " -r" : "")} -d {Quoted(description)}\n");
        }
        return script.ToString();
    }

    /// <summary>For PowerShell: add it to the profile.</summary>
    public static string PowerShell(IReadOnlyList<CompletionWords> commands)
    {
        var script = new StringBuilder($"Register-ArgumentCompleter -Native -CommandName {Program} -ScriptBlock {{\n    param($word, $ast, $position)\n    $options = @{{\n");
        foreach (CompletionWords words in commands)
            script.Append($"        '{words.Command}' = '{Joined(words)}'\n");
        script.Append($"    }}\n    $command = $ast.CommandElements | Select-Object -Skip 1 | ForEach-Object {{ \"$_\" }} | Where-Object {{ $options.ContainsKey($_) }} | Select-Object -First 1\n    $words = $options[\"$command\"].Split(' ')\n    if (-not $command) {{ $words += $options.Keys | Where-Object {{ $_ }} | Sort-Object }}\n    $words | Where-Object {{ $_ -like \"$word*\" }} | ForEach-Object {{ [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterName', $_) }}\n}}\n");
        return script.ToString();
    }

    private static string Joined(CompletionWords words) => string.Join(' ', words.Options.Select(option => option.Name));

    private static string Described(CompletionWords words) => string.Join(' ', words.Options.Select(option => Quoted($"{option.Name}:{option.Description.Replace(":", "\\:", StringComparison.Ordinal)}")));

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
