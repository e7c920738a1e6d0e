using System.Text;
using Octant.Generation;

namespace Octant.Chat.Answers;

/// <summary>
/// Reads an answer as it comes: words, thoughts and calls. What may become a marker is held back until it is clear; a call comes out when
/// it is complete. What looks like a call and is none stays text: nothing is lost, and nothing that a model writes makes it throw.
/// </summary>
public sealed class AnswerReader
{
    /// <summary>How often an end marker may stand within a text of a call, before it counts as the end all the same.</summary>
    const int MostEndsInTexts = 16;

    const int LongestPiece = 512, LongestHeader = 256;

    /// <summary>What a header of gpt-oss begins with: who speaks, or on which channel.</summary>
    static readonly string[] headerWords = ["assistant", "analysis", "commentary", "final", "to="];

    readonly bool offered;
    readonly ToolSet tools;
    readonly Frame[] anywhere;
    readonly Frame[] atStart;
    readonly string[] outside;
    readonly string[] callBegins;
    readonly List<AnswerPart> ready = [];
    readonly StringBuilder body = new();
    Frame? inside;
    string[] markers;

    /// <summary>What came since a call seemed to begin within thoughts: a part of them if they end, else the call of a model that forgot to end them.</summary>
    StringBuilder? doubtful;

    string held = "";
    readonly StringBuilder spaces = new();
    bool spoken;
    bool trimming;
    bool called;
    int endsInTexts;
    bool isCut;

    internal AnswerReader(AnswerFormat format, ToolSet tools, string prompt)
    {
        (this.tools, offered) = (tools, !tools.IsEmpty);
        var frames = format.Frames(tools);
        (anywhere, atStart) = ([.. frames.Where(frame => !frame.AtStart)], [.. frames.Where(frame => frame.AtStart)]);
        markers = outside = [.. anywhere.Select(frame => frame.Begin), .. format.Silent(offered)];
        // gpt-oss says in headers what is thought.
        callBegins = format.HasHeaders ? [] : [.. anywhere.Where(frame => frame.Kind == FrameKind.Calls).Select(frame => frame.Begin)];
        var end = prompt.TrimEnd();
        if (frames.FirstOrDefault(frame => frame.Kind == FrameKind.Thoughts && end.EndsWith(frame.Begin, StringComparison.Ordinal)) is { } thoughts) Open(thoughts);
        if (format.HasHeaders && end.EndsWith("<|start|>assistant", StringComparison.Ordinal)) Open(Frame.HeaderOfPrompt);
    }

    /// <summary>Takes the next piece of the answer.</summary>
    /// <returns>what is certain with it; often nothing</returns>
    public IReadOnlyList<AnswerPart> Push(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // In pieces, so that what is held, which is copied at each marker, stays short.
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(LongestPiece, text.Length - at);
            // A character of two halves stays whole.
            if (at + length < text.Length && char.IsHighSurrogate(text[at + length - 1])) length--;
            held += text.Substring(at, length);
            at += length;
            while (Advance(final: false)) { }
        }
        return Take();
    }

    /// <summary>Ends the answer: what was held back, and the call that was never closed.</summary>
    /// <param name="isCut">
    /// whether it was broken off, by a budget of tokens or by who listened: then nothing that is not whole is a call. Else a model may have forgotten
    /// brackets and markers at its end.
    /// </param>
    public IReadOnlyList<AnswerPart> Finish(bool isCut = false)
    {
        this.isCut = isCut;
        while (Advance(final: true)) { }
        // White space around calls is the notation's, not the answer's.
        if (!called && !trimming && spaces.Length > 0) ready.Add(new AnswerText($"{spaces}"));
        spaces.Clear();
        return Take();
    }

    List<AnswerPart> Take()
    {
        List<AnswerPart> parts = [.. ready];
        ready.Clear();
        return parts;
    }

    /// <summary>Goes to the next marker; false where more must come first.</summary>
    bool Advance(bool final)
    {
        if (inside is null && !spoken && BeginsAtStart(final) is { } waits) return !waits;
        var (at, marker) = Markers.First(held, markers);
        if (marker is not null)
        {
            Say(held[..at]);
            held = held[at..];
            if (AbandonsHeader()) return true;
            // ``` may yet become ```tool_code.
            if (!final && markers.Any(longer => longer.Length > held.Length && longer.StartsWith(held, StringComparison.Ordinal))) return false;
            held = held[marker.Length..];
            Cross(marker);
            return true;
        }
        var certain = final ? held.Length : held.Length - Markers.PossibleBeginning(held, markers);
        Say(held[..certain]);
        held = held[certain..];
        if (AbandonsHeader()) return true;
        if (!final || inside is null) return false;
        Close(null);
        return held.Length > 0;
    }

    /// <summary>Frames that only an answer's first words open: null where it begins otherwise, true where that is not clear yet.</summary>
    bool? BeginsAtStart(bool final)
    {
        // What is white is put aside once, not looked at again with each piece.
        var white = held.Length - held.AsSpan().TrimStart().Length;
        if (!trimming) spaces.Append(held, 0, white);
        held = held[white..];
        var first = held.AsSpan();
        if (first.IsEmpty) return final ? null : true;
        foreach (var marker in outside)
        {
            if (first.StartsWith(marker, StringComparison.Ordinal)) return null;
            if (!final && marker.AsSpan().StartsWith(first, StringComparison.Ordinal)) return true;
        }
        var unclear = false;
        foreach (var frame in atStart)
        {
            if (first.StartsWith(frame.Begin, StringComparison.Ordinal))
            {
                held = first[frame.Begin.Length..].ToString();
                Open(frame);
                return false;
            }
            unclear |= !final && frame.Begin.AsSpan().StartsWith(first, StringComparison.Ordinal);
        }
        return unclear ? true : null;
    }

    /// <summary>Text that belongs to where we are.</summary>
    void Say(string text)
    {
        if ((inside?.Kind is FrameKind.Calls or FrameKind.Header ? body : doubtful) is { } kept)
        {
            kept.Append(text);
            return;
        }
        if (trimming) text = text.TrimStart();
        if (text.Length == 0) return;
        trimming = false;
        // White space at the end of thoughts, or in front of a call, is not passed on; elsewhere it is not held.
        var keeps = inside is not null || offered;
        if (keeps && string.IsNullOrWhiteSpace(text))
        {
            spaces.Append(text);
            return;
        }
        var whole = spaces.Append(text).ToString();
        var words = keeps ? whole.TrimEnd() : whole;
        spaces.Clear().Append(whole, words.Length, whole.Length - words.Length);
        ready.Add(inside is null ? new AnswerText(words) : new AnswerReasoning(words));
        spoken |= inside is null;
    }

    void Cross(string marker)
    {
        if (inside?.Kind == FrameKind.Thoughts && !inside.Markers.Contains(marker))
        {
            doubtful = new(marker);
            markers = inside.Markers;
        }
        else if (inside is not null) Close(marker);
        else if (anywhere.FirstOrDefault(frame => frame.Begin == marker) is { } frame) Open(frame);
    }

    void Open(Frame frame)
    {
        // Whether the spaces in front are the notation's shows when the frame turns out to be a call.
        if (frame.Kind == FrameKind.Thoughts)
        {
            spaces.Clear();
            trimming = true;
        }
        inside = frame;
        markers = frame.Kind == FrameKind.Thoughts ? [.. frame.Markers, .. callBegins] : frame.Markers;
        endsInTexts = 0;
        body.Clear();
    }

    void Leave()
    {
        inside = null;
        markers = outside;
    }

    void Close(string? marker)
    {
        var frame = inside!;
        // What ends one part may begin the next: the next call of a list, a header of gpt-oss behind thoughts.
        var begins = marker is not null && anywhere.Any(next => next.Begin == marker);
        if (frame.Kind == FrameKind.Header)
        {
            if (marker is not null && marker == frame.Begin) body.Append(marker);
            else if (marker is not null) OpenMessage();
            else Leave();                                                   // cut off within a header
            return;
        }
        if (frame.Kind == FrameKind.Thoughts)
        {
            EndThoughts(marker is null);
            if (begins) held = marker + held;
            return;
        }
        if (marker is not null && endsInTexts < MostEndsInTexts && EndsInText())
        {
            endsInTexts++;
            body.Append(marker);
            return;
        }
        Leave();
        Call(frame, begins ? null : marker, begins);
        if (begins) held = marker + held;
    }

    void EndThoughts(bool unclosed)
    {
        if (doubtful is { } text)
        {
            doubtful = null;
            if (unclosed && BeginsWithCall($"{text}")) held = text + held;
            else Say($"{text}");
        }
        spaces.Clear();
        Leave();
        (trimming, spoken) = (true, false);
    }

    /// <summary>Whether a text is a call of a function that was offered, and what follows it.</summary>
    bool BeginsWithCall(string text)
    {
        var frame = anywhere.First(frame => frame.Kind == FrameKind.Calls && text.StartsWith(frame.Begin, StringComparison.Ordinal));
        text = text[frame.Begin.Length..];
        var (end, _) = Markers.First(text, frame.Markers);
        if (end < 0 && BreaksOff(frame, text)) return false;
        return frame.Syntax!(end < 0 ? text : text[..end]) is { Count: > 0 } calls && calls.All(call => tools.Knows(tools.Fit(call).Name));
    }

    /// <param name="frame">where it stood</param>
    /// <param name="marker">its end, which is said where it was no call</param>
    /// <param name="isFollowed">whether another begins behind it</param>
    void Call(Frame frame, string? marker, bool isFollowed)
    {
        var (text, rest) = (body.ToString(), "");
        var breaksOff = marker is null && !isFollowed && BreaksOff(frame, text);
        var calls = breaksOff ? null : frame.Syntax!(text) ?? Guessed(frame, text);
        if (calls is null && !frame.OnlyKnown && !breaksOff) calls = JsonCalls.ReadBeginning(text, out rest);
        if (calls is null || frame.OnlyKnown && !calls.All(call => tools.Knows(tools.Fit(call).Name)))
        {
            // No call after all: what was written is said.
            spoken = true;
            Say(frame.Begin + text + marker);
            return;
        }
        spaces.Clear();
        (called, trimming) = (true, true);
        ready.AddRange(calls.Select(tools.Fit));
        Say(rest);
    }

    /// <summary>Whether a call without an end was never said to its end: half an argument is none.</summary>
    bool BreaksOff(Frame frame, string text)
    {
        var (inText, isOpen) = Unfinished.At(frame.Begin.StartsWith('<') ? text : frame.Begin + text);
        return inText || isCut && isOpen;
    }

    /// <summary>What hardly looks like a call counts only as one of a function that was offered.</summary>
    IReadOnlyList<AnswerCall>? Guessed(Frame frame, string text) =>
        frame.Guess?.Invoke(text) is { } calls && calls.All(call => tools.Knows(tools.Fit(call).Name)) ? calls : null;

    /// <summary>What was taken for a header and can be none is said, and read anew.</summary>
    bool AbandonsHeader()
    {
        if (inside is not { Kind: FrameKind.Header, Begin: var begin } || MayBeHeader()) return false;
        Leave();
        Say(begin);
        held = body + held;
        return true;
    }

    /// <summary>Whether what has come of a header can become one: roles and channels are words that we know, recipients follow "to=".</summary>
    bool MayBeHeader()
    {
        if (body.Length > LongestHeader) return false;
        var text = body.ToString().AsSpan().TrimStart();
        if (text.IsEmpty || text.StartsWith("<|")) return true;
        foreach (var word in headerWords)
            if (text.StartsWith(word) || word.AsSpan().StartsWith(text)) return true;
        return false;
    }

    /// <summary>Whether what has come of a call ends within a text: then the marker is a part of it.</summary>
    bool EndsInText()
    {
        var text = body.ToString();
        var begin = text.AsSpan().IndexOfAny('{', '[');
        // Mistral's own marks begin as a list does.
        while (begin >= 0 && text.AsSpan(begin) is var mark && (mark.StartsWith("[ARGS]") || mark.StartsWith("[CALL_ID]")))
            begin = text.AsSpan(begin + 1).IndexOfAny('{', '[') is >= 0 and var next ? begin + 1 + next : -1;
        if (begin < 0 || TaggedCalls.IsTagged(text)) return false;
        var reader = new LenientReader(text.AsSpan(begin));
        return reader.TryRead(out _) && reader.EndedInString;
    }

    /// <summary>
    /// What a header of gpt-oss announces: <c>analysis</c> is thoughts, <c>to=functions.NAME</c> a call, all else is said to the user.
    /// </summary>
    void OpenMessage()
    {
        string[] ends = ["<|end|>", "<|call|>", "<|return|>", "<|start|>", "<|channel|>"];
        var text = body.ToString();
        var channel = text[(text.LastIndexOf("<|channel|>", StringComparison.Ordinal) is var at and >= 0 ? at + "<|channel|>".Length : 0)..].TrimStart();
        var recipient = Word(text, "to=");
        Leave();
        if (recipient is not null && offered)
            Open(new(FrameKind.Calls, "", ends, arguments => HarmonyCall(recipient, arguments)));
        else if (channel.StartsWith("analysis", StringComparison.Ordinal))
            Open(new(FrameKind.Thoughts, "", ends));
        else
            trimming = called;
    }

    static AnswerCall[]? HarmonyCall(string recipient, string body)
    {
        var name = recipient.StartsWith("functions.", StringComparison.Ordinal) ? recipient["functions.".Length..] : recipient;
        if (JsonCalls.ArgumentsOf(body) is { } arguments) return [new(name, arguments)];
        return name == "python" ? [new(name, new() { ["code"] = body })] : null;
    }

    static string? Word(string text, string before)
    {
        var at = text.IndexOf(before, StringComparison.Ordinal);
        if (at < 0) return null;
        var word = text[(at + before.Length)..];
        var end = word.AsSpan().IndexOfAny(" <\n\t");
        return end < 0 ? word : word[..end];
    }
}
