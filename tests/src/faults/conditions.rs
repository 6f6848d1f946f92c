//! Under which conditions a run took place.

use std::fs;

use super::Setting;
use super::report::Report;
use super::server::{Folders, Server};

/// Writes date, machine, versions, settings and seed.
pub(super) async fn describe(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    let server = Server::make(Folders::fresh()?, &[]).await?;
    let admin = server.admin("postgres").await?;
    let sql = "SELECT current_date::text, current_setting('server_version')";
    let row = admin.query_one(sql, &[]).await?;
    let (date, version): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
    let sql = "SELECT string_agg(name || ' = ' || setting, ', ' ORDER BY name) FROM pg_settings WHERE name IN \
               ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'data_checksums')";
    let durability = admin.query_one(sql, &[]).await?.try_get::<_, String>(0)?;
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let build = if cfg!(debug_assertions) { "not optimised" } else { "optimised" };
    report.say(&format!(
        "# Faults\n\n- date: {date}\n- machine: {cores} cores, Linux {}\n- PostgreSQL {version}: {durability}\n\
         - build: {build}\n- size: {}, seed: {}",
        kernel.trim(),
        setting.scale.name,
        setting.seed
    ));
    Ok(())
}
