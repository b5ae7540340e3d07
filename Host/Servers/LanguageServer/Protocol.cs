using System.Text.Json.Serialization;

namespace TransformFramework.Servers.LanguageServer;

/// <summary>A place in a document: line and UTF-16 unit, both from 0.</summary>
internal sealed record Position(int Line, int Character);

/// <summary>A stretch of a document; the end is not part of it.</summary>
internal sealed record TextRange(Position Start, Position End);

/// <summary>A document as a client sends it.</summary>
internal sealed record TextDocument(string Uri, string? Text, int? Version);

/// <summary>Parameters of <c>textDocument/didOpen</c>, and of requests without a place.</summary>
internal sealed record DocumentParams(TextDocument TextDocument);

/// <summary>A change of a document: its whole text.</summary>
internal sealed record ContentChange(string Text);

/// <summary>Parameters of <c>textDocument/didChange</c>.</summary>
internal sealed record DidChangeParams(TextDocument TextDocument, ContentChange[] ContentChanges);

/// <summary>Parameters of requests at a place.</summary>
internal sealed record PositionParams(TextDocument TextDocument, Position Position);

/// <summary>A proposal. Kinds: 3 function, 10 property, 12 value.</summary>
internal sealed record CompletionItem(string Label, int Kind, string Detail, string? Documentation, string InsertText);

/// <summary>Text in Markdown.</summary>
internal sealed record MarkupContent(string Kind, string Value);

/// <summary>What a client shows over a place.</summary>
internal sealed record Hover(MarkupContent Contents, TextRange Range);

/// <summary>A replacement of text.</summary>
internal sealed record TextEdit(TextRange Range, string NewText);

/// <summary>A problem. Severities: 1 error, 2 warning, 3 information.</summary>
internal sealed record Problem(TextRange Range, int Severity, string Code, string Source, string Message);

/// <summary>Parameters of <c>textDocument/publishDiagnostics</c>.</summary>
internal sealed record PublishDiagnosticsParams(string Uri, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Version, IReadOnlyList<Problem> Diagnostics);
