<#
.SYNOPSIS
Puts firmware, an application and a model onto a board with nanoff. See docs/boards.md.
.EXAMPLE
boards\flash.ps1 -Board esp32-devkit -Port COM5
#>
[CmdletBinding()]
param(
    [string] $Board,
    [string] $Port,
    [string] $App = "Gesture",
    [string] $Model = "",
    [switch] $NoFirmware,
    [switch] $DryRun
)

$ErrorActionPreference = "Stop"
$nanoffVersion = "2.5.162"
$here = $PSScriptRoot

function Fail([string] $reason) {
    [Console]::Error.WriteLine("error: $reason")
    exit 2
}

function Run([string[]] $command) {
    if ($DryRun) { Write-Output ($command -join " "); return }
    Write-Output ("+ " + ($command -join " "))
    $arguments = @($command | Select-Object -Skip 1)
    & $command[0] @arguments
    if ($LASTEXITCODE -ne 0) { Fail "The command ended with code $($LASTEXITCODE): $($command -join ' ')" }
}

$boards = (Get-ChildItem $here -Directory | Where-Object { Test-Path (Join-Path $_.FullName "Board.cs") } | ForEach-Object { $_.Name }) -join " "
if (-not $Board) { Fail "Name a board with -Board: one of $boards." }
$boardFile = Join-Path (Join-Path $here $Board) "Board.cs"
if (-not (Test-Path $boardFile)) { Fail "There is no board $($Board): choose one of $boards." }
if (-not $Port) { Fail "Name the board's serial port with -Port, such as COM5. Device Manager lists it under Ports while the board is plugged in." }
if (@("Gesture", "PowerTest", "SelfTest", "Probe") -notcontains $App) { Fail "There is no application $($App): choose Gesture, PowerTest, SelfTest or Probe." }
if ($Model -and -not (Test-Path $Model)) { Fail "The model $Model does not exist: make it with modelpacker pack." }

$profileName = [regex]::Match((Get-Content $boardFile -Raw), 'Name = "([^"]*)"').Groups[1].Value
$target = (Get-Content (Join-Path (Join-Path $here "profiles") "$profileName.json") -Raw | ConvertFrom-Json).firmwareTarget
if (-not $target) { Fail "The profile of $Board names no firmware target." }
$image = Join-Path $here (Join-Path $Board (Join-Path $App (Join-Path "bin" (Join-Path "Release" "TinyAI.$App.bin"))))

if (-not $DryRun) {
    if ([System.IO.Ports.SerialPort]::GetPortNames() -notcontains $Port) { Fail "There is no port $($Port): plug the board in, and check the cable carries data." }
    if (-not (Test-Path $image)) { Fail "The application is not built: build $Board.$App in Visual Studio (Release), which makes $image." }
    if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) { Fail "dotnet is missing: install the .NET SDK, https://dotnet.microsoft.com/download." }
}

# nanoff as a tool of this folder, so that nothing is installed for the whole machine.
$tools = Join-Path $here ".tools"
$nanoff = Join-Path $tools "nanoff"
if ($DryRun -or -not (Get-Command $nanoff -ErrorAction SilentlyContinue)) { Run @("dotnet", "tool", "install", "nanoff", "--version", $nanoffVersion, "--tool-path", $tools) }
if (-not $NoFirmware) { Run @($nanoff, "--update", "--target", $target, "--serialport", $Port) }
Run @($nanoff, "--target", $target, "--serialport", $Port, "--deploy", "--image", $image)
if ($Model) {
    $list = Join-Path ([System.IO.Path]::GetTempPath()) "tinyai-deploy.json"
    $files = @(@{ DestinationFilePath = "I:\model.tai"; SourceFilePath = (Resolve-Path $Model).Path })
    $content = @{ serialport = $Port; files = $files } | ConvertTo-Json -Depth 3 -Compress
    if ($DryRun) { Write-Output "write $($list): $content" } else { Set-Content -Path $list -Value $content -Encoding utf8 }
    Run @($nanoff, "--filedeployment", $list)
}
if (-not $DryRun) { Write-Output "Done. Press reset; the console is in Visual Studio's Device Explorer, COM2 on the board's pins." }
